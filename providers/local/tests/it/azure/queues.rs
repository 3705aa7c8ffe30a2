//! Messages through the Queue service.

use updraft_local::Settings;

use super::blobs::blob as send;
use super::harness::Azure;
use super::storage::{V, account, furnished};

/// The text of the first element of a name.
fn element(document: &str, name: &str) -> String {
    let rest = document
        .split(&format!("<{name}>"))
        .nth(1)
        .unwrap_or_else(|| panic!("{name} in {document}"));
    rest.split('<').next().unwrap().to_owned()
}

/// Receives what there is, as text of the answer.
async fn receive(azure: &Azure, query: &str) -> String {
    let answer =
        send(azure, &format!("GET /_queue/shopdevd/jobs/messages{query}"), &[], b"").await.ok();
    String::from_utf8(answer.body).unwrap()
}

async fn put(azure: &Azure, text: &str, query: &str) -> u16 {
    let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
    send(azure, &format!("POST /_queue/shopdevd/jobs/messages{query}"), &[], body.as_bytes())
        .await
        .status
}

fn escaped(receipt: &str) -> String {
    receipt.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[tokio::test]
async fn a_message_is_hidden_when_received_and_gone_when_deleted() {
    let azure = furnished(Settings::instant()).await;
    assert_eq!(put(&azure, "a &amp; b", "").await, 201);
    let id = format!("{}/queueServices/default/queues/jobs", account("shopdevd"));
    let queue = azure.get(&id, V).await.ok().json();
    assert_eq!(queue["properties"]["approximateMessageCount"], 1);
    let peeked = receive(&azure, "?peekonly=true").await;
    assert!(peeked.contains("<DequeueCount>0</DequeueCount>") && !peeked.contains("PopReceipt"));
    let received = receive(&azure, "?visibilitytimeout=60").await;
    assert!(received.contains("<MessageText>a &amp; b</MessageText>"), "{received}");
    assert_eq!(element(&received, "DequeueCount"), "1");
    assert!(!receive(&azure, "").await.contains("MessageId"));
    let (message, receipt) = (element(&received, "MessageId"), element(&received, "PopReceipt"));
    let path = format!("/_queue/shopdevd/jobs/messages/{message}?popreceipt=");
    let wrong = send(&azure, &format!("DELETE {path}AAAA"), &[], b"").await;
    assert_eq!(
        (wrong.status, wrong.headers["x-ms-error-code"].as_str()),
        (400, "PopReceiptMismatch")
    );
    let update = format!("PUT {path}{}&visibilitytimeout=0", escaped(&receipt));
    let body = b"<QueueMessage><MessageText>changed</MessageText></QueueMessage>";
    let updated = send(&azure, &update, &[], body).await.ok();
    let again = receive(&azure, "?visibilitytimeout=60").await;
    assert_eq!(
        (element(&again, "MessageText"), element(&again, "DequeueCount")),
        ("changed".to_owned(), "2".to_owned())
    );
    // The receipt of the update is worth nothing any more.
    let stale = format!("DELETE {path}{}", escaped(&updated.headers["x-ms-popreceipt"]));
    assert_eq!(send(&azure, &stale, &[], b"").await.status, 400);
    let fresh = format!("DELETE {path}{}", escaped(&element(&again, "PopReceipt")));
    assert_eq!(send(&azure, &fresh, &[], b"").await.status, 204);
    let gone = send(&azure, &fresh, &[], b"").await;
    assert_eq!(gone.headers["x-ms-error-code"], "MessageNotFound");
}

#[tokio::test]
async fn a_message_that_is_not_deleted_comes_again() {
    let azure = furnished(Settings::instant()).await;
    put(&azure, "again", "").await;
    let mut counts = Vec::new();
    for _ in 0..1_000 {
        let received = receive(&azure, "?visibilitytimeout=1").await;
        if received.contains("MessageId") {
            counts.push(element(&received, "DequeueCount"));
        }
        if counts.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(counts, ["1", "2"]);
}

#[tokio::test]
async fn bounds_of_messages_are_those_of_the_service() {
    let azure = furnished(Settings::instant()).await;
    assert_eq!(put(&azure, &"x".repeat(65_536), "").await, 201);
    assert_eq!(put(&azure, &"x".repeat(65_537), "").await, 413);
    assert_eq!(put(&azure, "x", "?visibilitytimeout=604801").await, 400);
    assert_eq!(put(&azure, "x", "?messagettl=0").await, 400);
    assert_eq!(put(&azure, "x", "?messagettl=-1").await, 201);
    let many = send(&azure, "GET /_queue/shopdevd/jobs/messages?numofmessages=33", &[], b"").await;
    assert_eq!(many.headers["x-ms-error-code"], "OutOfRangeQueryParameterValue");
    assert_eq!(send(&azure, "DELETE /_queue/shopdevd/jobs/messages", &[], b"").await.status, 204);
    let told = send(&azure, "GET /_queue/shopdevd/jobs?comp=metadata", &[], b"").await.ok();
    assert_eq!(told.headers["x-ms-approximate-messages-count"], "0");
    let nowhere = send(&azure, "GET /_queue/shopdevd/nothing/messages", &[], b"").await;
    assert_eq!(nowhere.headers["x-ms-error-code"], "QueueNotFound");
}

#[tokio::test]
async fn a_queue_is_made_twice_only_with_the_same_metadata() {
    let azure = furnished(Settings::instant()).await;
    let put = async |team: &str| {
        let headers = [("x-ms-meta-team", team)];
        send(&azure, "PUT /_queue/shopdevd/made", &headers, b"").await.status
    };
    assert_eq!([put("web").await, put("web").await, put("other").await], [201, 204, 409]);
    let listed = send(&azure, "GET /_queue/shopdevd/?comp=list&prefix=ma", &[], b"").await.ok();
    assert!(String::from_utf8_lossy(&listed.body).contains("<Queue><Name>made</Name></Queue>"));
}
