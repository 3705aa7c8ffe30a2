//! Lambda.

use super::table::{Row, Seen, anything};
use crate::policy::Keys;
use crate::store::StoreError;

/// What its operations ask.
pub(super) const ROWS: &[Row] = &[
    Row::new(&["CreateFunction"], "lambda:CreateFunction", function).with(tags),
    Row::new(&["CreateFunction"], "lambda:TagResource", tagged).with(tags),
    Row::new(&["CreateFunction", "UpdateFunctionConfiguration"], "iam:PassRole", role).with(passed),
    Row::new(&["ListFunctions"], "lambda:ListFunctions", anything),
    Row::new(&["GetFunction"], "lambda:GetFunction", function),
    Row::new(&["GetFunctionConfiguration"], "lambda:GetFunctionConfiguration", function),
    Row::new(&["DeleteFunction"], "lambda:DeleteFunction", function),
    Row::new(&["UpdateFunctionCode"], "lambda:UpdateFunctionCode", function),
    Row::new(&["UpdateFunctionConfiguration"], "lambda:UpdateFunctionConfiguration", function),
    Row::new(&["PutFunctionConcurrency"], "lambda:PutFunctionConcurrency", function),
    Row::new(&["GetFunctionConcurrency"], "lambda:GetFunctionConcurrency", function),
    Row::new(&["DeleteFunctionConcurrency"], "lambda:DeleteFunctionConcurrency", function),
    Row::new(&["GetAccountSettings"], "lambda:GetAccountSettings", anything),
    Row::new(&["AddPermission"], "lambda:AddPermission", function).with(principal),
    Row::new(&["GetPolicy"], "lambda:GetPolicy", function),
    Row::new(&["RemovePermission"], "lambda:RemovePermission", function),
    Row::new(&["CreateFunctionUrlConfig"], "lambda:CreateFunctionUrlConfig", function).with(url),
    Row::new(&["GetFunctionUrlConfig"], "lambda:GetFunctionUrlConfig", function),
    Row::new(&["UpdateFunctionUrlConfig"], "lambda:UpdateFunctionUrlConfig", function).with(url),
    Row::new(&["DeleteFunctionUrlConfig"], "lambda:DeleteFunctionUrlConfig", function),
    Row::new(&["ListFunctionUrlConfigs"], "lambda:ListFunctionUrlConfigs", function),
    // A new mapping has no ARN yet: which function it is for is told by a key.
    Row::new(&["CreateEventSourceMapping"], "lambda:CreateEventSourceMapping", anything)
        .with(mapped),
    Row::new(&["CreateEventSourceMapping"], "lambda:TagResource", tagged_mapping).with(tags),
    Row::new(&["ListEventSourceMappings"], "lambda:ListEventSourceMappings", anything),
    Row::new(&["GetEventSourceMapping"], "lambda:GetEventSourceMapping", mapping).with(mapped),
    Row::new(&["UpdateEventSourceMapping"], "lambda:UpdateEventSourceMapping", mapping)
        .with(mapped),
    Row::new(&["DeleteEventSourceMapping"], "lambda:DeleteEventSourceMapping", mapping)
        .with(mapped),
    Row::new(&["TagResource"], "lambda:TagResource", labelled).with(tags),
    Row::new(&["UntagResource"], "lambda:UntagResource", labelled),
    Row::new(&["ListTags"], "lambda:ListTags", labelled),
    Row::new(&["Invoke"], "lambda:InvokeFunction", function),
];

/// The ARN of a function however it is named, with its qualifier if it is named with one.
fn arn(seen: &Seen<'_>, named: &str) -> String {
    if named.starts_with("arn:") {
        return named.to_owned();
    }
    let name = named.rsplit_once("function:").map_or(named, |(_, name)| name);
    seen.arn("lambda", &format!("function:{name}"))
}

fn function(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let label = seen.request.label("FunctionName");
    let named = if label.is_empty() { seen.text("FunctionName") } else { label };
    let mut arn = arn(seen, named);
    let is_qualified = arn.split(':').count() > 7;
    if let (Some(qualifier), false) = (seen.request.query("Qualifier"), is_qualified) {
        arn = format!("{arn}:{qualifier}");
    }
    Ok(vec![arn])
}

fn tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    if seen.has_tags("Tags") { function(seen) } else { Ok(Vec::new()) }
}

fn tagged_mapping(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let tagged = seen.has_tags("Tags");
    Ok(tagged.then(|| seen.arn("lambda", "event-source-mapping:*")).into_iter().collect())
}

fn mapping(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let id = seen.request.label("UUID");
    Ok(vec![seen.arn("lambda", &format!("event-source-mapping:{id}"))])
}

fn labelled(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec![seen.request.label("Resource").to_owned()])
}

fn role(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let role = seen.text("Role");
    Ok((!role.is_empty()).then(|| role.to_owned()).into_iter().collect())
}

fn passed(_: &Seen<'_>) -> Keys {
    Keys::of([("iam:PassedToService", "lambda.amazonaws.com")])
}

fn tags(seen: &Seen<'_>) -> Keys {
    seen.tags("Tags")
}

fn principal(seen: &Seen<'_>) -> Keys {
    Keys::of([("lambda:Principal", seen.text("Principal"))])
}

fn url(seen: &Seen<'_>) -> Keys {
    let auth = seen.text("AuthType");
    let mut keys = Keys::default();
    keys.add_all("lambda:FunctionUrlAuthType", (!auth.is_empty()).then(|| auth.to_owned()));
    keys
}

fn mapped(seen: &Seen<'_>) -> Keys {
    let named = seen.text("FunctionName");
    let found = if named.is_empty() {
        crate::services::lambda::mapped(seen.tx, seen.request).ok().flatten()
    } else {
        Some(arn(seen, named))
    };
    let mut keys = Keys::default();
    keys.add_all("lambda:FunctionArn", found);
    keys
}
