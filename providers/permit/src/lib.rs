//! What permissions mean: comparing them, judging them, and explaining them. Knows no cloud's API.
//!
//! Everything here is pure and offline: no network, no credentials, no solver.

pub mod aws;
mod ceiling;
mod compare;
mod comparison;
pub mod data;
pub mod document;
pub mod findings;
mod levels;
mod review;
pub mod roles;
mod sets;

pub use ceiling::{BadCeiling, Ceiling, within};
pub use compare::compare;
pub use comparison::{About, Access, Change, Comparison, Undecided, Verdict, Witness};
pub use document::PermissionRecord;
pub use review::{
    Approval, Caller, Finding, FunctionReview, HandlerPlace, Level, Line, Own, ReasonLine, Review,
    ReviewInput, Severity, Source, Status, Totals, line, review,
};
