//! Somebody else who changes what a project has on the embedded AWS, over its wire protocols.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Somebody with all rights.
pub(crate) struct Meddler {
    host: String,
}

impl Meddler {
    pub(crate) fn new(url: &str) -> Self {
        Self { host: url.trim_start_matches("http://").to_owned() }
    }

    /// Sends a request and returns the answer's body; it has to succeed.
    fn send(&self, service: &str, line: &str, (headers, body): (&str, &str)) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let credential =
            format!("Credential=AKIDEXAMPLE/20260101/eu-west-1/{service}/aws4_request");
        let signed = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0");
        let (host, length) = (&self.host, body.len());
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {signed}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{service} {line}\n{body}\n{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    fn iam(&self, action: &str, members: &[(&str, &str)]) -> String {
        let mut body = format!("Action={action}&Version=2010-05-08");
        for (name, value) in members {
            write!(body, "&{name}=").unwrap();
            value.bytes().for_each(|byte| write!(body, "%{byte:02X}").unwrap());
        }
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send("iam", "POST /", (headers, &body))
    }

    fn s3(&self, line: &str, body: &str) -> String {
        self.send("s3", line, ("", body))
    }

    /// Lets somebody call a function.
    pub(crate) fn callers(&self, function: &str, principal: &str) {
        let body = serde_json::json!({
            "StatementId": "theirs", "Action": "lambda:InvokeFunction", "Principal": principal,
        });
        let line = format!("POST /2015-03-31/functions/{function}/policy");
        self.send("lambda", &line, ("Content-Type: application/json\r\n", &body.to_string()));
    }

    /// Gives every role more, lets somebody else take it on, and describes and tags it anew.
    pub(crate) fn roles(&self) {
        let all = self.iam("ListRoles", &[("PathPrefix", "/updraft/")]);
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","scheduler.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"#;
        let more = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        for role in elements(&all, "RoleName") {
            let role = ("RoleName", role);
            let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
            self.iam("AttachRolePolicy", &[role, ("PolicyArn", policy)]);
            let document = [role, ("PolicyName", "theirs"), ("PolicyDocument", more)];
            self.iam("PutRolePolicy", &document);
            self.iam("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", trust)]);
            self.iam("UpdateRole", &[role, ("Description", "theirs")]);
            let tag = [role, ("Tags.member.1.Key", "theirs"), ("Tags.member.1.Value", "yes")];
            self.iam("TagRole", &tag);
        }
    }

    /// Opens every bucket, encrypts it otherwise and lets objects belong to who puts them there.
    pub(crate) fn buckets(&self) {
        for bucket in self.named_buckets() {
            self.s3(&format!("DELETE /{bucket}?publicAccessBlock"), "");
            let body = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
            self.s3(&format!("PUT /{bucket}?encryption"), body);
            let body = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>";
            self.s3(&format!("PUT /{bucket}?ownershipControls"), body);
        }
    }

    /// Puts an object into every bucket.
    pub(crate) fn fill_buckets(&self) {
        for bucket in self.named_buckets() {
            self.s3(&format!("PUT /{bucket}/kept.txt"), "kept");
        }
    }

    fn named_buckets(&self) -> Vec<String> {
        let all = self.s3("GET /", "");
        elements(&all, "Name").into_iter().map(str::to_owned).collect()
    }

    /// Switches every schedule off.
    pub(crate) fn reschedule(&self) {
        let send = |line: &str, body: &str| -> serde_json::Value {
            let headers = "Content-Type: application/json\r\n";
            serde_json::from_str(&self.send("scheduler", line, (headers, body))).unwrap()
        };
        for found in send("GET /schedules", "")["Schedules"].as_array().unwrap() {
            let (name, group) = (&found["Name"], &found["GroupName"]);
            let (name, group) = (name.as_str().unwrap(), group.as_str().unwrap());
            let mut whole = send(&format!("GET /schedules/{name}?groupName={group}"), "");
            whole["State"] = "DISABLED".into();
            for told in ["Arn", "CreationDate", "LastModificationDate", "Name"] {
                whole.as_object_mut().unwrap().remove(told).unwrap();
            }
            send(&format!("PUT /schedules/{name}"), &whole.to_string());
        }
    }

    /// Tags every log group.
    pub(crate) fn logs(&self) {
        let logs = |operation: &str, body: &str| {
            let target = format!(
                "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Logs_20140328.{operation}\r\n"
            );
            self.send("logs", "POST /", (&target, body))
        };
        let all: serde_json::Value =
            serde_json::from_str(&logs("DescribeLogGroups", "{}")).unwrap();
        for group in all["logGroups"].as_array().unwrap() {
            let arn = &group["logGroupArn"];
            let body = serde_json::json!({"resourceArn": arn, "tags": {"theirs": "yes"}});
            logs("TagResource", &body.to_string());
        }
    }
}

/// The texts of all elements of a name.
fn elements<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(open.as_str()).skip(1);
    parts.filter_map(|part| Some(part.split_once(close.as_str())?.0)).collect()
}
