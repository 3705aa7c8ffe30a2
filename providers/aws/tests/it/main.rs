//! The provider against the embedded cloud, over the real SDK clients and wire protocols.

mod connect;
mod functions;
mod operate;
mod permissions;
mod roles;
mod survey;
mod world;
