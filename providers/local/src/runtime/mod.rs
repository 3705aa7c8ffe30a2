//! Runs deployed functions: unpacks their archive, starts the host's interpreter with a small
//! bootstrap and talks to it over Lambda's own Runtime API, functions of Google's and Azure's runtimes too.
//!
//! It knows nothing of the service's API, the store or roles: a function comes in as
//! [`Deployed`], an event as [`Call`], the answer goes out as [`Outcome`] and log lines go to
//! the sink they are given.

mod api;
mod deployed;
mod environment;
mod instance;
mod interpreter;
mod output;
mod platform;
mod pool;
mod unpack;

#[cfg(test)]
mod tests;

pub(crate) use deployed::{
    Call, Deployed, Ending, Failure, Host, Line, Loader, LogStyle, Logging, Outcome, Stream,
};
pub(crate) use pool::Runtimes;
pub(crate) use unpack::{Defect, survey};
