//! S3: buckets with tags, and whole objects with conditional writes. Path-style addresses only.
//!
//! Versions, parts, policies, notifications and access lists are not modelled.

mod bodies;
mod buckets;
mod checksum;
mod inspect;
mod list;
mod names;
mod objects;
mod store;
mod tags;

pub(crate) use store::fetch;

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
    operations: &[
        Operation::rest("ListBuckets", "GET /", buckets::list),
        Operation::rest("PutBucketTagging", "PUT /{Bucket}?tagging", tags::put),
        Operation::rest("GetBucketTagging", "GET /{Bucket}?tagging", tags::get),
        Operation::rest("DeleteBucketTagging", "DELETE /{Bucket}?tagging", tags::delete),
        Operation::rest("GetBucketLocation", "GET /{Bucket}?location", buckets::location),
        Operation::rest("ListObjectsV2", "GET /{Bucket}?list-type=2", list::list),
        Operation::rest("CreateBucket", "PUT /{Bucket}", buckets::create),
        Operation::rest("HeadBucket", "HEAD /{Bucket}", buckets::head),
        Operation::rest("DeleteBucket", "DELETE /{Bucket}", buckets::delete),
        Operation::rest("DeleteObjects", "POST /{Bucket}?delete", objects::delete_many),
        Operation::rest("PutObject", "PUT /{Bucket}/{Key+}", objects::put),
        Operation::rest("GetObject", "GET /{Bucket}/{Key+}", objects::get),
        Operation::rest("HeadObject", "HEAD /{Bucket}/{Key+}", objects::head),
        Operation::rest("DeleteObject", "DELETE /{Bucket}/{Key+}", objects::delete),
    ],
};

/// The XML namespace of S3's documents.
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
