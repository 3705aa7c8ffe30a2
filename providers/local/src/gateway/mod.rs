//! Requests to deployed APIs: from the route they belong to, over the event, to the function's answer.

pub(crate) mod answer;
pub(crate) mod call;
mod event_one;
pub(crate) mod event_two;
mod function;
mod http_door;
mod matching;
mod rest_door;

pub(crate) use http_door::HTTP_API_DOOR;
pub(crate) use rest_door::REST_API_DOOR;
