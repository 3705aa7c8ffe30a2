//! An IAM role with its trust policy and its one inline policy, named `updraft`.

mod lower;
mod read;
mod write;

pub(crate) use lower::{execution_role_id, for_function, for_schedules, schedule_role_id, tags};
pub(crate) use read::surplus;
pub(crate) use write::Role;
