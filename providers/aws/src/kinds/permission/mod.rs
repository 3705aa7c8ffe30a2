//! One statement of a function's resource policy: who may call it, and on whose behalf.

mod lower;
mod statement;
mod write;

pub(crate) use lower::{Caller, suffix, wanted};
pub(crate) use statement::Policy;
pub(crate) use write::{Permission, survey};
