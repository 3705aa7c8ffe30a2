//! One statement of a function's resource policy: who may call it, and on whose behalf.

mod lower;
mod statement;
mod write;

pub(crate) use lower::{Caller, Callers, given, suffix, wanted};
pub(crate) use statement::{Policy, raw};
pub(crate) use write::{Permission, survey};
