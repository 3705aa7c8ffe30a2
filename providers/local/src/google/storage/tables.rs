//! What buckets and objects look like in the JSON API, and in gRPC with the same names.
//!
//! Source: the discovery document of storage v1, and `google/storage/v2/storage.proto`.

use crate::google::grpc::{Proto, Shape};
use crate::google::schema::{Field, Kind, Message};

static ACTION: Message = Message {
    name: "storage#bucket.lifecycle.rule.action",
    fields: &[("type", Field::TEXT), ("storageClass", Field::TEXT)],
};

static CONDITION: Message = Message {
    name: "storage#bucket.lifecycle.rule.condition",
    fields: &[
        ("age", Field::INT),
        ("createdBefore", Field::TEXT),
        ("isLive", Field::FLAG),
        ("numNewerVersions", Field::INT),
        ("matchesStorageClass", Field::TEXTS),
        ("matchesPrefix", Field::TEXTS),
        ("matchesSuffix", Field::TEXTS),
        ("daysSinceCustomTime", Field::INT),
        ("daysSinceNoncurrentTime", Field::INT),
    ],
};

static RULE: Message = Message {
    name: "storage#bucket.lifecycle.rule",
    fields: &[("action", Field::message(&ACTION)), ("condition", Field::message(&CONDITION))],
};

static LIFECYCLE: Message =
    Message { name: "storage#bucket.lifecycle", fields: &[("rule", Field::messages(&RULE))] };

static UNIFORM: Message = Message {
    name: "storage#bucket.iamConfiguration.uniformBucketLevelAccess",
    fields: &[("enabled", Field::FLAG), ("lockedTime", Field::TEXT)],
};

static IAM_CONFIGURATION: Message = Message {
    name: "storage#bucket.iamConfiguration",
    fields: &[
        ("bucketPolicyOnly", Field::message(&UNIFORM)),
        ("uniformBucketLevelAccess", Field::message(&UNIFORM)),
        ("publicAccessPrevention", Field::TEXT),
    ],
};

static VERSIONING: Message =
    Message { name: "storage#bucket.versioning", fields: &[("enabled", Field::FLAG)] };

static SOFT_DELETE: Message = Message {
    name: "storage#bucket.softDeletePolicy",
    fields: &[("retentionDurationSeconds", Field::LONG), ("effectiveTime", Field::TEXT)],
};

/// A bucket in the JSON API. What is only shown may be sent too: clients send back what they read.
pub(super) static BUCKET: Message = Message {
    name: "storage#bucket",
    fields: &[
        ("kind", Field::TEXT),
        ("id", Field::TEXT),
        ("selfLink", Field::TEXT),
        ("projectNumber", Field::LONG),
        ("name", Field::TEXT),
        ("etag", Field::TEXT),
        ("timeCreated", Field::TEXT),
        ("updated", Field::TEXT),
        ("generation", Field::LONG),
        ("metageneration", Field::LONG),
        ("location", Field::TEXT),
        ("locationType", Field::TEXT),
        ("storageClass", Field::TEXT),
        ("rpo", Field::TEXT),
        ("labels", Field::LABELS),
        ("lifecycle", Field::message(&LIFECYCLE)),
        ("versioning", Field::message(&VERSIONING)),
        ("iamConfiguration", Field::message(&IAM_CONFIGURATION)),
        ("softDeletePolicy", Field::message(&SOFT_DELETE)),
        ("acl", Field::NotModelled),
        ("autoclass", Field::NotModelled),
        ("billing", Field::NotModelled),
        ("cors", Field::NotModelled),
        ("customPlacementConfig", Field::NotModelled),
        ("defaultEventBasedHold", Field::NotModelled),
        ("defaultObjectAcl", Field::NotModelled),
        ("encryption", Field::NotModelled),
        ("hierarchicalNamespace", Field::NotModelled),
        ("ipFilter", Field::NotModelled),
        ("logging", Field::NotModelled),
        ("objectRetention", Field::NotModelled),
        ("retentionPolicy", Field::NotModelled),
        ("website", Field::NotModelled),
    ],
};

/// An object's metadata in the JSON API.
pub(super) static OBJECT: Message = Message {
    name: "storage#object",
    fields: &[
        ("kind", Field::TEXT),
        ("id", Field::TEXT),
        ("selfLink", Field::TEXT),
        ("mediaLink", Field::TEXT),
        ("name", Field::TEXT),
        ("bucket", Field::TEXT),
        ("generation", Field::LONG),
        ("metageneration", Field::LONG),
        ("contentType", Field::TEXT),
        ("contentEncoding", Field::TEXT),
        ("contentDisposition", Field::TEXT),
        ("contentLanguage", Field::TEXT),
        ("cacheControl", Field::TEXT),
        ("storageClass", Field::TEXT),
        ("size", Field::LONG),
        ("md5Hash", Field::TEXT),
        ("crc32c", Field::TEXT),
        ("etag", Field::TEXT),
        ("timeCreated", Field::TEXT),
        ("updated", Field::TEXT),
        ("timeDeleted", Field::TEXT),
        ("timeFinalized", Field::TEXT),
        ("timeStorageClassUpdated", Field::TEXT),
        ("customTime", Field::TEXT),
        ("metadata", Field::Map(Kind::Text)),
        ("acl", Field::NotModelled),
        ("contexts", Field::NotModelled),
        ("eventBasedHold", Field::NotModelled),
        ("kmsKeyName", Field::NotModelled),
        ("retention", Field::NotModelled),
        ("temporaryHold", Field::NotModelled),
    ],
};

static G_ACTION: Proto = Proto {
    name: "google.storage.v2.Bucket.Lifecycle.Rule.Action",
    fields: &[(1, "type", Shape::Text), (2, "storageClass", Shape::Text)],
};

static G_CONDITION: Proto = Proto {
    name: "google.storage.v2.Bucket.Lifecycle.Rule.Condition",
    fields: &[
        (1, "age", Shape::Int),
        (3, "isLive", Shape::Flag),
        (4, "numNewerVersions", Shape::Int),
        (5, "matchesStorageClass", Shape::Texts),
        (7, "daysSinceCustomTime", Shape::Int),
        (9, "daysSinceNoncurrentTime", Shape::Int),
        (11, "matchesPrefix", Shape::Texts),
        (12, "matchesSuffix", Shape::Texts),
    ],
};

static G_RULE: Proto = Proto {
    name: "google.storage.v2.Bucket.Lifecycle.Rule",
    fields: &[
        (1, "action", Shape::Message(&G_ACTION)),
        (2, "condition", Shape::Message(&G_CONDITION)),
    ],
};

static G_LIFECYCLE: Proto = Proto {
    name: "google.storage.v2.Bucket.Lifecycle",
    fields: &[(1, "rule", Shape::Messages(&G_RULE))],
};

static G_VERSIONING: Proto =
    Proto { name: "google.storage.v2.Bucket.Versioning", fields: &[(1, "enabled", Shape::Flag)] };

static G_UNIFORM: Proto = Proto {
    name: "google.storage.v2.Bucket.IamConfig.UniformBucketLevelAccess",
    fields: &[(1, "enabled", Shape::Flag), (2, "lockedTime", Shape::Time)],
};

static G_IAM_CONFIG: Proto = Proto {
    name: "google.storage.v2.Bucket.IamConfig",
    fields: &[
        (1, "uniformBucketLevelAccess", Shape::Message(&G_UNIFORM)),
        (3, "publicAccessPrevention", Shape::Text),
    ],
};

static G_SOFT_DELETE: Proto = Proto {
    name: "google.storage.v2.Bucket.SoftDeletePolicy",
    fields: &[(1, "retentionDurationSeconds", Shape::Seconds), (2, "effectiveTime", Shape::Time)],
};

/// A bucket in gRPC.
pub(super) static G_BUCKET: Proto = Proto {
    name: "google.storage.v2.Bucket",
    fields: &[
        (1, "resourceName", Shape::Text),
        (2, "name", Shape::Text),
        (29, "etag", Shape::Text),
        (3, "project", Shape::Text),
        (4, "metageneration", Shape::Long),
        (5, "location", Shape::Text),
        (6, "locationType", Shape::Text),
        (7, "storageClass", Shape::Text),
        (27, "rpo", Shape::Text),
        (10, "lifecycle", Shape::Message(&G_LIFECYCLE)),
        (11, "timeCreated", Shape::Time),
        (13, "updated", Shape::Time),
        (15, "labels", Shape::Labels),
        (17, "versioning", Shape::Message(&G_VERSIONING)),
        (23, "iamConfiguration", Shape::Message(&G_IAM_CONFIG)),
        (31, "softDeletePolicy", Shape::Message(&G_SOFT_DELETE)),
    ],
};

static G_CHECKSUMS: Proto = Proto {
    name: "google.storage.v2.ObjectChecksums",
    fields: &[(1, "crc32c", Shape::Checksum), (2, "md5Hash", Shape::Bytes)],
};

/// An object in gRPC.
pub(super) static G_OBJECT: Proto = Proto {
    name: "google.storage.v2.Object",
    fields: &[
        (1, "name", Shape::Text),
        (2, "bucketName", Shape::Text),
        (27, "etag", Shape::Text),
        (3, "generation", Shape::Long),
        (4, "metageneration", Shape::Long),
        (5, "storageClass", Shape::Text),
        (6, "size", Shape::Long),
        (7, "contentEncoding", Shape::Text),
        (8, "contentDisposition", Shape::Text),
        (9, "cacheControl", Shape::Text),
        (11, "contentLanguage", Shape::Text),
        (12, "timeDeleted", Shape::Time),
        (13, "contentType", Shape::Text),
        (14, "timeCreated", Shape::Time),
        (16, "checksums", Shape::Message(&G_CHECKSUMS)),
        (17, "updated", Shape::Time),
        (22, "metadata", Shape::Labels),
        (36, "timeFinalized", Shape::Time),
    ],
};

/// The paths of an update mask in gRPC, and where JSON has them.
pub(super) const MASK: &[(&str, &str)] = &[
    ("labels", "/labels"),
    ("lifecycle", "/lifecycle"),
    ("lifecycle.rule", "/lifecycle"),
    ("storage_class", "/storageClass"),
    ("rpo", "/rpo"),
    ("versioning", "/versioning"),
    ("versioning.enabled", "/versioning"),
    ("iam_config", "/iamConfiguration"),
    ("iam_config.uniform_bucket_level_access", "/iamConfiguration/uniformBucketLevelAccess"),
    (
        "iam_config.uniform_bucket_level_access.enabled",
        "/iamConfiguration/uniformBucketLevelAccess",
    ),
    ("iam_config.public_access_prevention", "/iamConfiguration/publicAccessPrevention"),
    ("soft_delete_policy", "/softDeletePolicy"),
    ("soft_delete_policy.retention_duration", "/softDeletePolicy"),
];

/// Requests and answers of gRPC.
pub(super) mod calls {
    use super::{G_BUCKET, G_OBJECT, Proto, Shape};

    static MASK: Proto =
        Proto { name: "google.protobuf.FieldMask", fields: &[(1, "paths", Shape::Texts)] };

    pub(in super::super) static CREATE_BUCKET: Proto = Proto {
        name: "google.storage.v2.CreateBucketRequest",
        fields: &[
            (1, "parent", Shape::Text),
            (2, "bucket", Shape::Message(&G_BUCKET)),
            (3, "bucketId", Shape::Text),
        ],
    };

    pub(in super::super) static NAMED_BUCKET: Proto = Proto {
        name: "google.storage.v2.GetBucketRequest",
        fields: &[
            (1, "name", Shape::Text),
            (2, "ifMetagenerationMatch", Shape::Long),
            (3, "ifMetagenerationNotMatch", Shape::Long),
            (5, "readMask", Shape::Ignored),
        ],
    };

    pub(in super::super) static LIST_BUCKETS: Proto = Proto {
        name: "google.storage.v2.ListBucketsRequest",
        fields: &[
            (1, "parent", Shape::Text),
            (2, "pageSize", Shape::Int),
            (3, "pageToken", Shape::Text),
            (4, "prefix", Shape::Text),
            (5, "readMask", Shape::Ignored),
            (9, "returnPartialSuccess", Shape::Ignored),
        ],
    };

    pub(in super::super) static BUCKETS: Proto = Proto {
        name: "google.storage.v2.ListBucketsResponse",
        fields: &[(1, "items", Shape::Messages(&G_BUCKET)), (2, "nextPageToken", Shape::Text)],
    };

    pub(in super::super) static UPDATE_BUCKET: Proto = Proto {
        name: "google.storage.v2.UpdateBucketRequest",
        fields: &[
            (1, "bucket", Shape::Message(&G_BUCKET)),
            (2, "ifMetagenerationMatch", Shape::Long),
            (3, "ifMetagenerationNotMatch", Shape::Long),
            (6, "updateMask", Shape::Message(&MASK)),
        ],
    };

    pub(in super::super) static GET_OBJECT: Proto = Proto {
        name: "google.storage.v2.GetObjectRequest",
        fields: &[
            (1, "bucket", Shape::Text),
            (2, "object", Shape::Text),
            (3, "generation", Shape::Long),
            (4, "ifGenerationMatch", Shape::Long),
            (5, "ifGenerationNotMatch", Shape::Long),
            (6, "ifMetagenerationMatch", Shape::Long),
            (7, "ifMetagenerationNotMatch", Shape::Long),
            (10, "readMask", Shape::Ignored),
        ],
    };

    pub(in super::super) static DELETE_OBJECT: Proto = Proto {
        name: "google.storage.v2.DeleteObjectRequest",
        fields: &[
            (1, "bucket", Shape::Text),
            (2, "object", Shape::Text),
            (4, "generation", Shape::Long),
            (5, "ifGenerationMatch", Shape::Long),
            (6, "ifGenerationNotMatch", Shape::Long),
            (7, "ifMetagenerationMatch", Shape::Long),
            (8, "ifMetagenerationNotMatch", Shape::Long),
        ],
    };

    pub(in super::super) static LIST_OBJECTS: Proto = Proto {
        name: "google.storage.v2.ListObjectsRequest",
        fields: &[
            (1, "parent", Shape::Text),
            (2, "pageSize", Shape::Int),
            (3, "pageToken", Shape::Text),
            (4, "delimiter", Shape::Text),
            (5, "includeTrailingDelimiter", Shape::Flag),
            (6, "prefix", Shape::Text),
            (7, "versions", Shape::Flag),
            (8, "readMask", Shape::Ignored),
            (10, "startOffset", Shape::Text),
            (11, "endOffset", Shape::Text),
        ],
    };

    pub(in super::super) static OBJECTS: Proto = Proto {
        name: "google.storage.v2.ListObjectsResponse",
        fields: &[
            (1, "items", Shape::Messages(&G_OBJECT)),
            (2, "prefixes", Shape::Texts),
            (3, "nextPageToken", Shape::Text),
        ],
    };
}
