//! Cloud Run: the services that functions run as, and the door they are called at.
//!
//! Source: run.googleapis.com v2, `projects.locations.services`.

mod door;
mod methods;
mod service;
mod shelf;
pub(crate) mod token;

pub(crate) use door::{Caller, HttpAnswer, HttpCall, RUN_DOOR, call};
pub(crate) use service::SERVICE;
pub(crate) use shelf::{
    Deployment, SecretRef, Target, archive, deploy, keep_archive, load, remove,
};
pub(crate) use token::{Identity, make as identity_token};
