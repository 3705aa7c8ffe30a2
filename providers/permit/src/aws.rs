//! Policies of AWS: reading them, writing them, and telling what one allows that another does not.
//!
//! No request is sent and no solver is run. Every element of a policy is a test of one dimension
//! of a request: the action, the resource, the principal, one context key. A dimension falls into
//! few classes that no test tells apart, so comparing two policies is trying one request for every
//! combination of classes that matters. Each difference comes with such a request, which is judged
//! once more on its own before it is reported; what cannot be shown that way is undecided.

mod actions;
mod automaton;
mod bits;
mod case;
mod clause;
mod compare;
mod conditions;
mod evaluate;
mod json;
mod mistake;
mod pattern;
mod permissions;
mod principals;
mod read;
mod render;
mod report;
mod request;
mod resources;
mod search;
mod statement;
mod texts;
mod universe;

pub use compare::compare;
pub(crate) use permissions::compare_permissions;

pub use mistake::{Mistake, ReadError};
pub use read::{diff, kind, read};
pub use render::{document, minimised};
pub use statement::{Condition, Names, PolicyKind, Principals, Statement};
pub use universe::{Reference, Universe};
