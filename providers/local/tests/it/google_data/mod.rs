//! The data plane of the Google side: storage, Pub/Sub, events, logs, secrets.

mod deploy;
mod events;
mod grpc;
mod pubsub;
mod secrets;
mod storage;
