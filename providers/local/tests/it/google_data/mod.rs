//! The data plane of the Google side: storage, Pub/Sub, events, logs, secrets.

mod grpc;
mod storage;
