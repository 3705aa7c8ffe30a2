//! What an answer does not say to somebody who may have the rest of it.

use serde_json::{Value, json};

use super::{Judged, refusals, s3};
use crate::cloud::Cloud;
use crate::wire::{Body, Refusal, Reply, Request};

impl Judged {
    /// The answer as this one may know it.
    pub(crate) fn hide(
        &self,
        cloud: &Cloud,
        request: &Request,
        outcome: Result<Reply, Refusal>,
    ) -> Result<Reply, Refusal> {
        match (request.service.as_str(), request.action.as_str(), outcome) {
            ("s3", "GetObject" | "HeadObject", Err(refusal)) if is_missing(&refusal) => {
                self.hide_object(cloud, request, refusal)
            }
            ("lambda", "GetFunction", Ok(reply)) => self.hide_tags(cloud, request, reply),
            (_, _, outcome) => outcome,
        }
    }

    /// Who may not know whether an object is there is told that it is denied, not that it is missing
    /// (S3 API reference, `GetObject`, "Permissions").
    fn hide_object(
        &self,
        cloud: &Cloud,
        request: &Request,
        missing: Refusal,
    ) -> Result<Reply, Refusal> {
        let bucket = s3::arn(request.label("Bucket"));
        let lists = self.may_besides(cloud, request, ("s3:ListBucket", &bucket))?;
        Err(if lists { missing } else { refusals::hidden(&self.arn, &bucket) })
    }

    /// Tags are told only to who may list them; whoever may not is told that in their place
    /// (Lambda API reference, `GetFunction`, `Tags` and `TagsError`).
    fn hide_tags(
        &self,
        cloud: &Cloud,
        request: &Request,
        mut reply: Reply,
    ) -> Result<Reply, Refusal> {
        let Body::Json(Value::Object(answer)) = &mut reply.body else { return Ok(reply) };
        let arn = answer.get("Configuration").and_then(|it| it.get("FunctionArn"));
        let arn = arn.and_then(Value::as_str).unwrap_or_default().to_owned();
        if !self.may_besides(cloud, request, ("lambda:ListTags", &arn))? {
            let message = format!(
                "User: {} is not authorized to perform: lambda:ListTags on resource: {arn} because no identity-based \
                 policy allows the lambda:ListTags action",
                self.arn
            );
            answer.remove("Tags");
            let told = json!({"ErrorCode": "AccessDeniedException", "Message": message});
            answer.insert("TagsError".to_owned(), told);
        }
        Ok(reply)
    }
}

/// Whether a refusal says that an object is not there.
fn is_missing(refusal: &Refusal) -> bool {
    ["NoSuchKey", "NotFound"].contains(&refusal.code.as_str())
}
