//! The embedded cloud through raw HTTP, as any client sees it.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a harness fails a test by panicking, and not every module uses all of it"
)]

mod apigateway;
mod apigatewayv2;
mod azure;
mod core;
mod doors;
mod google;
mod google_data;
mod harness;
mod iam;
mod judged;
mod lambda;
mod logs;
mod s3;
mod s3_events;
mod s3_settings;
mod scheduler;
mod sqs;
