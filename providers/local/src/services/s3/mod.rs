//! S3: buckets with their configurations, objects with versions, and events for functions. Path-style addresses only.
//!
//! Parts, access lists and everything else are not modelled.

mod access;
mod bodies;
mod buckets;
mod checksum;
mod copies;
mod encryption;
mod events;
mod inspect;
mod list;
mod names;
mod notification;
mod notification_rules;
mod objects;
mod policy;
mod removals;
mod store;
mod tags;
mod versioning;
mod versions;

pub(crate) use policy::of_bucket as policy_of;
pub(crate) use versions::fetch;

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "s3",
    signing: "s3",
    dialect: Dialect {
        protocol: Protocol::RestXml,
        namespace: NAMESPACE,
        target: "",
        message: "message",
        throttle: (503, "SlowDown"),
    },
    operations: OPERATIONS,
};

const OPERATIONS: &[Operation] = &[
    Operation::rest("ListBuckets", "GET /", buckets::list),
    Operation::rest("PutBucketTagging", "PUT /{Bucket}?tagging", tags::put),
    Operation::rest("GetBucketTagging", "GET /{Bucket}?tagging", tags::get),
    Operation::rest("DeleteBucketTagging", "DELETE /{Bucket}?tagging", tags::delete),
    Operation::rest("PutPublicAccessBlock", "PUT /{Bucket}?publicAccessBlock", access::put_block),
    Operation::rest("GetPublicAccessBlock", "GET /{Bucket}?publicAccessBlock", access::get_block),
    Operation::rest(
        "DeletePublicAccessBlock",
        "DELETE /{Bucket}?publicAccessBlock",
        access::delete_block,
    ),
    Operation::rest(
        "PutBucketOwnershipControls",
        "PUT /{Bucket}?ownershipControls",
        access::put_ownership,
    ),
    Operation::rest(
        "GetBucketOwnershipControls",
        "GET /{Bucket}?ownershipControls",
        access::get_ownership,
    ),
    Operation::rest(
        "DeleteBucketOwnershipControls",
        "DELETE /{Bucket}?ownershipControls",
        access::delete_ownership,
    ),
    Operation::rest("PutBucketEncryption", "PUT /{Bucket}?encryption", encryption::put),
    Operation::rest("GetBucketEncryption", "GET /{Bucket}?encryption", encryption::get),
    Operation::rest("DeleteBucketEncryption", "DELETE /{Bucket}?encryption", encryption::delete),
    Operation::rest("PutBucketPolicy", "PUT /{Bucket}?policy", policy::put),
    Operation::rest("GetBucketPolicy", "GET /{Bucket}?policy", policy::get),
    Operation::rest("DeleteBucketPolicy", "DELETE /{Bucket}?policy", policy::delete),
    Operation::rest("GetBucketPolicyStatus", "GET /{Bucket}?policyStatus", policy::status),
    Operation::rest("PutBucketVersioning", "PUT /{Bucket}?versioning", versioning::put),
    Operation::rest("GetBucketVersioning", "GET /{Bucket}?versioning", versioning::get),
    Operation::rest(
        "PutBucketNotificationConfiguration",
        "PUT /{Bucket}?notification",
        notification::put,
    ),
    Operation::rest(
        "GetBucketNotificationConfiguration",
        "GET /{Bucket}?notification",
        notification::get,
    ),
    Operation::rest("GetBucketLocation", "GET /{Bucket}?location", buckets::location),
    Operation::rest("ListObjectVersions", "GET /{Bucket}?versions", list::list_versions),
    Operation::rest("ListObjectsV2", "GET /{Bucket}?list-type=2", list::list),
    Operation::rest("CreateBucket", "PUT /{Bucket}", buckets::create),
    Operation::rest("HeadBucket", "HEAD /{Bucket}", buckets::head),
    Operation::rest("DeleteBucket", "DELETE /{Bucket}", buckets::delete),
    Operation::rest("ListObjects", "GET /{Bucket}", list::list_one),
    Operation::task("DeleteObjects", "POST /{Bucket}?delete", events::delete_many),
    Operation::task("PutObject", "PUT /{Bucket}/{Key+}", events::put),
    Operation::rest("GetObject", "GET /{Bucket}/{Key+}", objects::get),
    Operation::rest("HeadObject", "HEAD /{Bucket}/{Key+}", objects::head),
    Operation::task("DeleteObject", "DELETE /{Bucket}/{Key+}", events::delete),
];

/// The XML namespace of S3's documents.
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
