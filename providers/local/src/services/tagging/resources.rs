//! `GetResources`: pages of the tag index, filtered by tags and types.

use serde::Deserialize;
use serde_json::{Value, json};

use super::index::{Corner, Seen, seen};
use crate::cloud::Context;
use crate::page::{Cut, page};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    pagination_token: Option<String>,
    #[serde(default)]
    tag_filters: Vec<TagFilter>,
    resources_per_page: Option<usize>,
    #[serde(default)]
    resource_type_filters: Vec<String>,
    #[serde(rename = "ResourceARNList")]
    resource_arns: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TagFilter {
    key: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// `GetResources`. Filters on different keys must all hold; of the values of one key any will do.
pub(super) fn get_resources(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Input = request.read()?;
    input.check()?;
    let corner = Corner { account: &request.account, region: &request.region };
    let matching: Vec<Seen> =
        seen(tx, context, corner)?.into_iter().filter(|one| input.wants(one)).collect();
    let limit = context.page_limit(Some(input.resources_per_page.unwrap_or(50)), 100);
    let token = input.pagination_token.as_deref().filter(|token| !token.is_empty());
    let page = page(matching, Cut { limit, token }, |one| one.arn.clone())
        .ok_or_else(|| invalid("Invalid pagination token"))?;
    let list: Vec<Value> = page.items.iter().map(mapping).collect();
    Ok(Reply::json(json!({
        "PaginationToken": page.next.unwrap_or_default(),
        "ResourceTagMappingList": list,
    })))
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidParameterException", message)
}

fn mapping(one: &Seen) -> Value {
    let tags: Vec<Value> =
        one.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    json!({"ResourceARN": one.arn, "Tags": tags})
}

impl Input {
    fn check(&self) -> Result<(), Refusal> {
        if self.resources_per_page.is_some_and(|size| !(1..=100).contains(&size)) {
            return Err(invalid("ResourcesPerPage must be between 1 and 100"));
        }
        if self.tag_filters.len() > 50 || self.tag_filters.iter().any(|tag| tag.values.len() > 20) {
            return Err(invalid("a request takes at most 50 keys with 20 values each"));
        }
        if self.tag_filters.iter().any(|tag| tag.key.as_ref().is_none_or(String::is_empty)) {
            return Err(invalid("a tag filter needs a key"));
        }
        let Some(arns) = &self.resource_arns else { return Ok(()) };
        let paged = self.resources_per_page.is_some() || self.pagination_token.is_some();
        if paged || !self.tag_filters.is_empty() || !self.resource_type_filters.is_empty() {
            return Err(invalid("ResourceARNList cannot be used with filters or pages"));
        }
        if !(1..=100).contains(&arns.len()) {
            return Err(invalid("ResourceARNList must have between 1 and 100 items"));
        }
        Ok(())
    }

    fn wants(&self, one: &Seen) -> bool {
        let tagged = self.tag_filters.iter().all(|filter| {
            let found = filter.key.as_ref().and_then(|key| one.tags.get(key));
            found.is_some_and(|value| filter.values.is_empty() || filter.values.contains(value))
        });
        let typed = self.resource_type_filters.is_empty()
            || self.resource_type_filters.iter().any(|kind| is_of_type(&one.arn, kind));
        let named = self.resource_arns.as_ref().is_none_or(|arns| arns.contains(&one.arn));
        tagged && typed && named
    }
}

/// Whether an ARN is of a type written `service` or `service:type`, as in `lambda:function`.
fn is_of_type(arn: &str, kind: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let resource = parts.nth(2).unwrap_or_default();
    let Some((wanted_service, wanted)) = kind.split_once(':') else { return kind == service };
    if wanted_service != service {
        return false;
    }
    // API Gateway writes `/restapis/id`, most others `type:id` or `type/id`, S3 and SQS the bare name.
    let resource = resource.trim_start_matches('/');
    let found = resource.split([':', '/']).next().unwrap_or_default();
    found == wanted || [("s3", "bucket"), ("sqs", "queue")].contains(&(service, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_the_arn() {
        assert!(is_of_type("arn:aws:lambda:r:1:function:a", "lambda:function"));
        assert!(is_of_type("arn:aws:lambda:r:1:function:a", "lambda"));
        assert!(!is_of_type("arn:aws:lambda:r:1:function:a", "lambda:layer"));
        assert!(is_of_type("arn:aws:apigateway:r::/restapis/x", "apigateway:restapis"));
        assert!(is_of_type("arn:aws:s3:::b", "s3:bucket"));
        assert!(is_of_type("arn:aws:sqs:r:1:jobs", "sqs:queue"));
        assert!(!is_of_type("arn:aws:s3:::b", "lambda"));
    }
}
