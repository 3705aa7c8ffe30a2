//! IAM policy documents: their grammar, and what they allow.
//!
//! Source: IAM user guide, "Grammar of the IAM JSON policy language" and "Policy evaluation logic".

mod condition;
mod evaluate;
mod grammar;
mod rules;

pub(crate) use evaluate::{Ask, By, Verdict, verdict};
pub(crate) use grammar::{Condition, Effect, Kind, Only, Policy, Principals, Statement, parse};
