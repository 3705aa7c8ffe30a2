//! The Resource Groups Tagging API, over the index the services write to.

mod index;
mod resources;

pub(crate) use index::{forget, note, seen_in};

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "tagging",
    signing: "tagging",
    dialect: Dialect {
        protocol: Protocol::Json,
        namespace: "",
        target: "ResourceGroupsTaggingAPI_20170126.",
        message: "Message",
        throttle: (400, "ThrottledException"),
    },
    operations: &[Operation::action("GetResources", resources::get_resources)],
};
