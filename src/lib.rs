//! Deploys serverless functions by comparing what a manifest wants with what exists.
//!
//! Data flows one way, and each stage is a module:
//!
//! ```text
//! manifest ──▶ App ──▶ Desired ──┐
//!  (TOML)    resolved   (pure)   ├─▶ Changes ──▶ Plan ──▶ Events ──▶ Report
//!  clouds ──▶ Live ──────────────┘    (pure)    (pure)   (apply)    (prints)
//! ```
//!
//! Only reading what is live and applying touch a network. Everything between them is a function
//! of its arguments, so a plan can be tested, printed and reviewed without a cloud.

pub mod apply;
pub mod cli;
pub mod clouds;
pub mod command;
pub mod desired;
pub mod diff;
pub mod event;
pub mod exact;
pub mod exit;
pub mod guard;
pub mod live;
pub mod manifest;
mod order;
pub mod package;
pub mod permit;
pub mod plan;
pub mod portability;
pub mod report;
pub mod saved;
pub mod scaffold;
pub mod scan;
pub mod snapshot;
pub mod survey;
