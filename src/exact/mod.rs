//! Resources as files hold them: exact, so that a plan can be made from a file again, and without
//! a single hidden value or a digest of one.
//!
//! Of a hidden value a file says only that it is there, and whether it is the wanted one.

mod canonical;
mod resource;
mod value;
mod words;

pub use canonical::digest;
pub use resource::{ExactChange, ExactLive, ExactWanted, live_of, live_to, of, to};
pub use value::redacted;
pub use words::{Unreadable, Words};
