//! Cloud Scheduler: jobs that call a URL at given times.
//!
//! Source: cloudscheduler.googleapis.com v1 and cloud.google.com/scheduler/docs/configuring/cron-job-schedules.

mod attempt;
mod check;
mod cron;
mod firing;
mod job;
mod methods;
mod service;

pub(crate) use firing::start;
pub(crate) use service::SERVICE;
