//! One statement of a function's resource policy: who may call it, and on whose behalf.

mod lower;

pub(crate) use lower::{Caller, suffix, wanted};
