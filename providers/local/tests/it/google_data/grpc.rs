//! Buckets through `google.storage.v2.Storage`, with messages made by a protobuf library.

use std::collections::BTreeMap;

use prost::Message;

use crate::google::harness::Google;
use crate::harness::Answer;

#[derive(Clone, PartialEq, Message)]
struct Bucket {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    id: String,
    #[prost(string, tag = "3")]
    project: String,
    #[prost(int64, tag = "4")]
    metageneration: i64,
    #[prost(string, tag = "5")]
    location: String,
    #[prost(btree_map = "string, string", tag = "15")]
    labels: BTreeMap<String, String>,
    #[prost(message, optional, tag = "23")]
    iam_config: Option<IamConfig>,
}

#[derive(Clone, PartialEq, Message)]
struct IamConfig {
    #[prost(message, optional, tag = "1")]
    uniform: Option<Uniform>,
    #[prost(string, tag = "3")]
    public_access_prevention: String,
}

#[derive(Clone, PartialEq, Message)]
struct Uniform {
    #[prost(bool, tag = "1")]
    enabled: bool,
}

#[derive(Clone, PartialEq, Message)]
struct CreateBucket {
    #[prost(string, tag = "1")]
    parent: String,
    #[prost(message, optional, tag = "2")]
    bucket: Option<Bucket>,
    #[prost(string, tag = "3")]
    id: String,
}

#[derive(Clone, PartialEq, Message)]
struct Mask {
    #[prost(string, repeated, tag = "1")]
    paths: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct UpdateBucket {
    #[prost(message, optional, tag = "1")]
    bucket: Option<Bucket>,
    #[prost(int64, optional, tag = "2")]
    if_metageneration_match: Option<i64>,
    #[prost(message, optional, tag = "6")]
    mask: Option<Mask>,
}

#[derive(Clone, PartialEq, Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Listed {
    #[prost(message, repeated, tag = "1")]
    buckets: Vec<Bucket>,
}

#[derive(Clone, PartialEq, Message)]
struct Retention {
    #[prost(message, optional, tag = "2")]
    bucket: Option<Held>,
}

#[derive(Clone, PartialEq, Message)]
struct Held {
    #[prost(bool, tag = "14")]
    default_event_based_hold: bool,
}

async fn send(google: &Google, method: &str, message: &impl Message) -> Answer {
    let bytes = message.encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    frame.extend(bytes);
    let line = format!("POST /google.storage.v2.Storage/{method}");
    let headers = [("Content-Type", "application/grpc"), ("TE", "trailers")];
    google.raw(&line, &headers, &frame).await.unwrap()
}

async fn call<T: Message + Default>(google: &Google, method: &str, message: &impl Message) -> T {
    let answer = send(google, method, message).await;
    assert!(!answer.headers.contains_key("grpc-status"), "{:?}", answer.headers);
    T::decode(&answer.body[5..]).unwrap()
}

/// The status and message of a refusal.
async fn refusal(google: &Google, method: &str, message: &impl Message) -> (String, String) {
    let answer = send(google, method, message).await;
    let header = |name: &str| answer.headers.get(name).cloned().unwrap_or_default();
    (header("grpc-status"), header("grpc-message"))
}

fn create(labels: &[(&str, &str)]) -> CreateBucket {
    let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    CreateBucket {
        parent: "projects/_".to_owned(),
        id: "shop-1".to_owned(),
        bucket: Some(Bucket {
            project: "projects/shop-dev".to_owned(),
            location: "europe-west1".to_owned(),
            labels: labels.collect(),
            iam_config: Some(IamConfig {
                uniform: Some(Uniform { enabled: true }),
                public_access_prevention: "enforced".to_owned(),
            }),
            ..Bucket::default()
        }),
    }
}

#[tokio::test]
async fn a_bucket_lives_its_life_over_grpc() {
    let google = Google::instant().await;
    let made: Bucket = call(&google, "CreateBucket", &create(&[("a", "b")])).await;
    assert_eq!((made.name.as_str(), made.id.as_str()), ("projects/_/buckets/shop-1", "shop-1"));
    assert_eq!((made.location.as_str(), made.metageneration), ("EUROPE-WEST1", 1));
    assert_eq!(made.iam_config.unwrap().uniform, Some(Uniform { enabled: true }));
    assert_eq!(refusal(&google, "CreateBucket", &create(&[])).await.0, "6");

    let named = Named { name: made.name.clone() };
    let mut update = UpdateBucket {
        bucket: Some(Bucket {
            name: made.name.clone(),
            labels: BTreeMap::from([("c".to_owned(), "d".to_owned())]),
            ..Bucket::default()
        }),
        if_metageneration_match: Some(7),
        mask: Some(Mask { paths: vec!["labels".to_owned()] }),
    };
    assert_eq!(refusal(&google, "UpdateBucket", &update).await.0, "9");
    update.if_metageneration_match = Some(1);
    let changed: Bucket = call(&google, "UpdateBucket", &update).await;
    assert_eq!(changed.labels, update.bucket.clone().unwrap().labels);
    assert_eq!(changed.iam_config.unwrap().public_access_prevention, "enforced");

    let listed: Listed =
        call(&google, "ListBuckets", &Named { name: "projects/shop-dev".to_owned() }).await;
    assert_eq!(listed.buckets.len(), 1);
    let empty: Named = call(&google, "DeleteBucket", &named).await;
    assert_eq!(empty, Named::default());
    let (status, message) = refusal(&google, "GetBucket", &named).await;
    assert_eq!((status.as_str(), message.contains("does%20not%20exist")), ("5", true));
}

#[tokio::test]
async fn what_is_not_modelled_is_unimplemented() {
    let google = Google::instant().await;
    assert_eq!(refusal(&google, "ComposeObject", &Named::default()).await.0, "12");
    let held = Retention { bucket: Some(Held { default_event_based_hold: true }) };
    assert_eq!(refusal(&google, "CreateBucket", &held).await.0, "12");
}
