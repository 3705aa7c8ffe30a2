//! The AWS wire protocols: what a request says, and how replies and refusals are put on the wire.

mod form;
mod path;
mod refusal;
mod reply;
mod request;
mod sign;
mod xml;
mod xml_read;

pub(crate) use form::Form;
pub(crate) use path::Template;
pub(crate) use refusal::{NOT_MODELLED, Refusal};
pub(crate) use reply::{Body, Dialect, Protocol, Reply};
pub(crate) use request::Request;
pub(crate) use sign::{Scope, scope};
pub(crate) use xml::Xml;
pub(crate) use xml_read::Element;
