//! The operations of AWS: what the SDKs call them and which IAM actions they take. Read from `data/sdk.json.gz`, which
//! `data/refresh.py` writes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::OnceLock;

use serde::Deserialize;

/// The whole table.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Sdk {
    /// What it was made from.
    pub(crate) versions: BTreeMap<String, String>,
    /// Services by botocore's name.
    pub(crate) services: BTreeMap<String, Service>,
    /// Resources of boto3 by service and type; the service itself has the empty type.
    pub(crate) resources: BTreeMap<String, BTreeMap<String, Resource>>,
}

/// One service.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    /// What SDKs make their names from, such as `Secrets Manager`.
    pub(crate) id: String,
    /// Python's name and the IAM actions of each operation. `?` before an action: it depends on the request.
    pub(crate) operations: BTreeMap<String, (String, Option<String>)>,
    /// The operation behind each waiter.
    pub(crate) waiters: BTreeMap<String, String>,
}

/// One type of resource of boto3.
#[derive(Debug, Deserialize)]
pub(crate) struct Resource {
    /// What identifies one.
    pub(crate) ids: Vec<String>,
    /// The operation that fills its attributes, and those.
    pub(crate) load: Option<String>,
    pub(crate) attributes: Vec<String>,
    /// Methods: the operation, and the type of resource that comes back.
    pub(crate) actions: BTreeMap<String, (String, Option<String>)>,
    /// Types of resource it hands out by name.
    pub(crate) has: BTreeMap<String, String>,
    /// Collections: the operation that lists, and the type of resource listed.
    pub(crate) many: BTreeMap<String, (String, Option<String>)>,
    /// Methods that wait, and the waiters behind them.
    pub(crate) waiters: BTreeMap<String, String>,
    /// Methods of a collection of these.
    pub(crate) batches: BTreeMap<String, String>,
}

/// The table as it is in the program.
static DATA: &[u8] = include_bytes!("../data/sdk.json.gz");

/// The most bytes the table may have, unpacked.
const LIMIT: u64 = 16 << 20;

/// Returns the table.
pub(crate) fn sdk() -> &'static Sdk {
    static SDK: OnceLock<Sdk> = OnceLock::new();
    SDK.get_or_init(|| {
        let mut text = String::new();
        let read = flate2::read::GzDecoder::new(DATA).take(LIMIT).read_to_string(&mut text);
        // The tests read it; a table that cannot be read is empty, and then every call is unknown.
        read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_default()
    })
}

/// Returns what the table was made from, by what is in it.
pub fn versions() -> &'static BTreeMap<String, String> {
    &sdk().versions
}

/// Whether an operation takes an IAM action, whatever its case.
pub fn is_called(action: &str) -> bool {
    static ACTIONS: OnceLock<BTreeSet<String>> = OnceLock::new();
    let actions = ACTIONS.get_or_init(|| {
        let operations = sdk().services.values().flat_map(|service| service.operations.values());
        let actions = operations.filter_map(|(_, actions)| actions.as_deref());
        let each = actions.flat_map(str::split_whitespace);
        each.map(|action| action.trim_start_matches('?').to_lowercase()).collect()
    });
    actions.contains(&action.to_lowercase())
}

impl Sdk {
    /// Returns the operation that a method of a Python client calls.
    pub(crate) fn method(&'static self, service: &str, method: &str) -> Option<&'static str> {
        let operations = &self.services.get(service)?.operations;
        operations.iter().find(|(_, (name, _))| name == method).map(|(name, _)| name.as_str())
    }

    /// Returns an operation under its own name, whatever its first letter's case.
    pub(crate) fn operation(&'static self, service: &str, name: &str) -> Option<&'static str> {
        let mut letters = name.chars();
        let upper: String = letters.next()?.to_uppercase().chain(letters).collect();
        self.services.get(service)?.operations.get_key_value(&upper).map(|(name, _)| name.as_str())
    }

    /// Returns the operation behind a waiter, by its name in Python or in its own words.
    pub(crate) fn waiter(&'static self, service: &str, waiter: &str) -> Option<&'static str> {
        let plain = |name: &str| name.replace('_', "").to_lowercase();
        let waiters = &self.services.get(service)?.waiters;
        waiters.iter().find(|(name, _)| plain(name) == plain(waiter)).map(|(_, of)| of.as_str())
    }

    /// Returns the service whose client package of JavaScript this is: `client-secrets-manager`.
    pub(crate) fn package(&'static self, package: &str) -> Option<&'static str> {
        let named = |service: &Service| service.id.to_lowercase().replace(' ', "-") == package;
        self.services.iter().find(|(_, service)| named(service)).map(|(name, _)| name.as_str())
    }

    /// Returns the IAM actions of an operation: those it always takes, and those it may take.
    pub(crate) fn actions(&self, service: &str, operation: &str) -> Option<[Vec<String>; 2]> {
        let (_, actions) = self.services.get(service)?.operations.get(operation)?;
        let (some, all): (Vec<_>, Vec<_>) =
            actions.as_ref()?.split_whitespace().partition(|action| action.starts_with('?'));
        let owned = |actions: Vec<&str>| {
            actions.into_iter().map(|action| action.trim_start_matches('?').to_owned()).collect()
        };
        Some([owned(all), owned(some)])
    }

    /// Returns a type of resource of boto3.
    pub(crate) fn resource(&'static self, service: &str, kind: &str) -> Option<&'static Resource> {
        self.resources.get(service)?.get(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_knows_where_names_differ() {
        let sdk = sdk();
        assert!(sdk.services.len() > 400);
        let actions = |service, operation| sdk.actions(service, operation).unwrap().concat();
        for (service, operation, wanted) in [
            ("s3", "HeadObject", vec!["s3:GetObject"]),
            ("s3", "ListObjectsV2", vec!["s3:ListBucket"]),
            ("s3", "ListBuckets", vec!["s3:ListAllMyBuckets"]),
            ("s3", "GetBucketAnalyticsConfiguration", vec!["s3:GetAnalyticsConfiguration"]),
            ("sqs", "SendMessageBatch", vec!["sqs:SendMessage"]),
            ("lambda", "Invoke", vec!["lambda:InvokeFunction"]),
            ("stepfunctions", "StartExecution", vec!["states:StartExecution"]),
            ("cloudwatch", "PutMetricData", vec!["cloudwatch:PutMetricData"]),
            ("apigatewayv2", "GetApi", vec!["apigateway:GET"]),
            ("sts", "GetCallerIdentity", vec![]),
            ("dynamodb", "TransactGetItems", vec!["dynamodb:GetItem"]),
        ] {
            assert_eq!(actions(service, operation), wanted, "{service} {operation}");
        }
        let [all, some] = sdk.actions("dynamodb", "TransactWriteItems").unwrap();
        assert_eq!((all.len(), some.len()), (0, 4));
        assert!(is_called("s3:getobject") && !is_called("rds-db:connect"));
        assert_eq!(sdk.method("s3", "list_objects_v2"), Some("ListObjectsV2"));
        assert_eq!(sdk.operation("s3", "getObject"), Some("GetObject"));
        assert_eq!(sdk.waiter("s3", "bucket_exists"), Some("HeadBucket"));
        assert_eq!(sdk.package("client-secrets-manager"), None);
        assert_eq!(sdk.package("secrets-manager"), Some("secretsmanager"));
        assert!(versions()["sdk"].starts_with("botocore=="));
    }
}
