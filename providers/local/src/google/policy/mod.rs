//! Allow policies: who holds which role on a project, a Run service, a bucket, a topic, …
//!
//! A resource that has a policy is a [`Holder`]. [`get`], [`set`] and [`test`](fn@test) answer the three methods of every
//! service; [`read`] and [`put`] are for services that spell them otherwise. [`permits`] tells whether a member may
//! do something, with the policy that is in force: a change takes effect only after a while.
//!
//! Source: cloud.google.com/iam/docs/allow-policies and the `google.iam.v1` protos.

mod condition;
mod members;
mod model;
mod roles;
mod shelf;
mod verbs;

pub(crate) use condition::holds as condition_holds;
pub(crate) use model::{Holder, POLICY, Rules};
pub(crate) use shelf::{Asked, forget, permits, put, read};
pub(crate) use verbs::{GET_REQUEST, SET_REQUEST, TEST_REQUEST, get, set, test};
