//! IAM policy documents: their grammar, and what they allow.
//!
//! Source: IAM user guide, "Grammar of the IAM JSON policy language" and "Policy evaluation logic".

mod condition;
mod evaluate;
mod grammar;
mod keys;
mod operators;
mod rules;
mod variables;

pub(crate) use condition::is_tested;
pub(crate) use evaluate::{Ask, By, Verdict, matching, verdict};
pub(crate) use grammar::{Condition, Effect, Kind, Only, Policy, Principals, Statement, parse};
pub(crate) use keys::Keys;
