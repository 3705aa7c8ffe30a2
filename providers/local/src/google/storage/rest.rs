//! The methods of the JSON API.

use serde_json::{Value, json};

use super::buckets::{self, Update};
use super::check::members;
use super::conditions::Conditions;
use super::objects::{self, Listing, Named, Upload};
use super::tables::{BUCKET, OBJECT};
use crate::cloud::Context;
use crate::google::refusals::invalid;
use crate::google::{accounts, policy};
use crate::judge;
use crate::ledger::Effect;
use crate::members::{self as json_members, at, flag, text};
use crate::page::{Cut, Page, page};
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

/// What the policy of a bucket may say.
pub(super) static RULES: policy::Rules =
    policy::Rules { public: true, conditions: true, roles: &["roles/storage."] };

fn sent(
    request: &Request,
    message: &'static crate::google::schema::Message,
) -> Result<Value, Refusal> {
    let sent = request.json().map_err(|_| invalid("Parse Error"))?;
    members(message, &sent)?;
    Ok(sent)
}

/// `buckets.insert`.
pub(super) fn create_bucket(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = sent(request, &BUCKET)?;
    let project = request.query("project").ok_or_else(|| invalid("Required parameter: project"))?;
    let name = text(&sent, "name");
    let bucket = buckets::create(tx, context, (project, name), &sent)?;
    let shown = buckets::show(&bucket, context.google_url);
    Ok(Reply::json(shown).did(Effect::Create, format!("bucket/{name}")))
}

/// `buckets.get`.
pub(super) fn get_bucket(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let bucket = buckets::load(tx, request.label("bucket"))?;
    Conditions::of_query(request)?.check(Some(&bucket))?;
    Ok(Reply::json(buckets::show(&bucket, context.google_url)))
}

/// `buckets.list`.
pub(super) fn list_buckets(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let project = request.query("project").ok_or_else(|| invalid("Required parameter: project"))?;
    let found = buckets::all(tx, project, request.query("prefix").unwrap_or_default())?;
    let items = found
        .iter()
        .map(|bucket| (text(bucket, "name").to_owned(), buckets::show(bucket, context.google_url)));
    let (items, next) = cut(request, context, items.collect())?;
    let items: Vec<Value> = items.into_iter().map(|(_, bucket)| bucket).collect();
    Ok(Reply::json(listed("storage#buckets", items, next)))
}

type Items = Vec<(String, Value)>;

fn cut(
    request: &Request,
    context: &Context<'_>,
    items: Items,
) -> Result<(Items, Option<String>), Refusal> {
    let asked = match request.query("maxResults") {
        None => None,
        Some(text) => Some(text.parse::<usize>().map_err(|_| invalid("Invalid maxResults"))?),
    };
    let limit = context.page_limit(asked.filter(|asked| *asked > 0), 1000);
    let token = request.query("pageToken").filter(|token| !token.is_empty());
    let Some(Page { items, next }) = page(items, Cut { limit, token }, |(key, _)| key.clone())
    else {
        return Err(invalid("Invalid page token"));
    };
    Ok((items, next))
}

fn listed(kind: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = json!({"kind": kind});
    if !items.is_empty() {
        json_members::set(&mut answer, "items", items);
    }
    if let Some(next) = next {
        json_members::set(&mut answer, "nextPageToken", next);
    }
    answer
}

/// `buckets.patch`.
pub(super) fn patch_bucket(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = sent(request, &BUCKET)?;
    change(request, tx, context, &Update::Patch(&sent))
}

/// `buckets.update`.
pub(super) fn replace_bucket(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = sent(request, &BUCKET)?;
    change(request, tx, context, &Update::Replace(&sent))
}

fn change(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    update: &Update<'_>,
) -> Result<Reply, Refusal> {
    let name = request.label("bucket");
    let bucket = buckets::update(tx, context, (name, Conditions::of_query(request)?), update)?;
    let shown = buckets::show(&bucket, context.google_url);
    Ok(Reply::json(shown).did(Effect::Update, format!("bucket/{name}")))
}

/// `buckets.delete`.
pub(super) fn delete_bucket(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = request.label("bucket");
    buckets::remove(tx, name, Conditions::of_query(request)?)?;
    Ok(Reply::empty(204).did(Effect::Delete, format!("bucket/{name}")))
}

/// `buckets.getIamPolicy`.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = request.label("bucket");
    buckets::load(tx, name)?;
    let version = request.query("optionsRequestedPolicyVersion").unwrap_or("1");
    let version = version.parse().map_err(|_| invalid("Invalid policy version"))?;
    Ok(Reply::json(as_storage(policy::read(tx, &buckets::resource(name), version)?, name)))
}

fn as_storage(mut policy: Value, bucket: &str) -> Value {
    json_members::set(&mut policy, "kind", "storage#policy");
    json_members::set(&mut policy, "resourceId", buckets::resource(bucket));
    policy
}

/// `buckets.setIamPolicy`.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = request.label("bucket");
    let sent = request.json().map_err(|_| invalid("Parse Error"))?;
    let policy = put_policy(tx, context, name, &sent)?;
    let reply = Reply::json(as_storage(policy, name));
    Ok(reply.did(Effect::Update, format!("policy/{}", buckets::resource(name))))
}

/// Replaces the policy of a bucket.
pub(super) fn put_policy(
    tx: &mut Tx,
    context: &Context<'_>,
    name: &str,
    sent: &Value,
) -> Result<Value, Refusal> {
    let bucket = buckets::load(tx, name)?;
    let all = |binding: &Value| {
        let members = binding.get("members").and_then(Value::as_array).into_iter().flatten();
        members.filter_map(Value::as_str).any(|member| member.starts_with("all"))
    };
    let bindings = sent.get("bindings").and_then(Value::as_array).into_iter().flatten();
    let enforced = at(&bucket, "/iamConfiguration/publicAccessPrevention") == "enforced";
    let uniform = flag(&bucket, "/iamConfiguration/uniformBucketLevelAccess/enabled");
    for binding in bindings {
        if enforced && all(binding) {
            let message = "The member bindings allUsers and allAuthenticatedUsers are not allowed since public \
                           access prevention is enforced.";
            return Err(Refusal::new(412, "FAILED_PRECONDITION", message));
        }
        if !uniform && binding.get("condition").is_some_and(|condition| !condition.is_null()) {
            return Err(invalid(
                "Conditional bindings need uniform bucket-level access to be enabled on the bucket.",
            ));
        }
    }
    let holder = policy::Holder { name: &buckets::resource(name), rules: &RULES };
    policy::put(tx, context, &holder, sent)
}

/// `buckets.testIamPermissions`: the owner has all of them.
pub(super) fn test_permissions(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    buckets::load(tx, request.label("bucket"))?;
    let mut asked = request.queries("permissions");
    asked.retain(|permission| judge::google::may(context, request, permission));
    Ok(Reply::json(json!({"kind": "storage#testIamPermissionsResponse", "permissions": asked})))
}

/// `projects.serviceAccount.get`.
pub(super) fn service_account(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    // Asking for the agent is what makes it.
    let email = accounts::make_agent(tx, &request.account, "storage.googleapis.com")?;
    Ok(Reply::json(json!({"kind": "storage#serviceAccount", "email_address": email})))
}

fn named(request: &Request) -> Named<'_> {
    Named {
        bucket: request.label("bucket"),
        object: request.label("object"),
        generation: request.query("generation"),
    }
}

/// `objects.get`: metadata, or the bytes with `alt=media`.
pub(super) fn get_object(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = named(request);
    let object = objects::load(tx, named, Conditions::of_query(request)?)?;
    if request.query("alt") != Some("media") {
        return Ok(Reply::json(objects::show(&object, context.google_url)));
    }
    let bytes = objects::bytes(tx, named, &object)?;
    let total = bytes.len();
    let (status, range) = match request.header("range").map(|range| wanted(range, total)) {
        None => (200, 0..total),
        Some(Some(range)) => (206, range),
        Some(None) => {
            let message = "Requested range not satisfiable";
            let refusal = Refusal::new(416, "OUT_OF_RANGE", message);
            return Err(refusal.with("reason", "requestedRangeNotSatisfiable"));
        }
    };
    let part = bytes.get(range.clone()).unwrap_or_default().to_vec();
    let kind = text(&object, "contentType").to_owned();
    let hash = format!("crc32c={},md5={}", text(&object, "crc32c"), text(&object, "md5Hash"));
    let mut reply = Reply::new(status, Body::Bytes(part.into(), kind))
        .header("etag", objects::etag(&object))
        .header("x-goog-generation", text(&object, "generation"))
        .header("x-goog-metageneration", text(&object, "metageneration"))
        .header("x-goog-storage-class", text(&object, "storageClass"))
        .header("x-goog-stored-content-length", total.to_string())
        .header("x-goog-stored-content-encoding", "identity")
        .header("x-goog-hash", hash);
    if status == 206 {
        let last = range.end.saturating_sub(1);
        reply = reply.header("content-range", format!("bytes {}-{last}/{total}", range.start));
    }
    Ok(reply)
}

/// The part of `total` bytes that a `Range` header wants; `None` if there is none.
fn wanted(header: &str, total: usize) -> Option<std::ops::Range<usize>> {
    let (start, end) = header.strip_prefix("bytes=")?.split_once('-')?;
    let range = if start.is_empty() {
        total.saturating_sub(end.parse().ok()?)..total
    } else {
        let end = if end.is_empty() { total } else { end.parse::<usize>().ok()? + 1 };
        start.parse().ok()?..end.min(total)
    };
    (range.start < range.end).then_some(range)
}

/// `objects.list`.
pub(super) fn list_objects(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let query = |name: &str| request.query(name).unwrap_or_default();
    let listing = Listing {
        prefix: query("prefix"),
        delimiter: query("delimiter"),
        start: query("startOffset"),
        end: query("endOffset"),
        versions: query("versions") == "true",
    };
    let found = objects::list(tx, request.label("bucket"), &listing)?;
    let (items, next) = cut(request, context, found)?;
    let (prefixes, items): (Vec<Value>, Vec<Value>) =
        items.into_iter().map(|(_, item)| item).partition(Value::is_string);
    let shown = items.iter().map(|object| objects::show(object, context.google_url)).collect();
    let mut answer = listed("storage#objects", shown, next);
    if !prefixes.is_empty() {
        json_members::set(&mut answer, "prefixes", prefixes);
    }
    Ok(Reply::json(answer))
}

/// `objects.patch` and `objects.update`.
pub(super) fn patch_object(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = sent(request, &OBJECT)?;
    let named = named(request);
    let conditions = Conditions::of_query(request)?;
    let object = objects::patch(tx, context, (named, conditions), &sent)?;
    let what = format!("object/{}/{}", named.bucket, named.object);
    Ok(Reply::json(objects::show(&object, context.google_url)).did(Effect::Update, what))
}

/// `objects.delete`.
pub(super) fn delete_object(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = named(request);
    objects::remove(tx, context, named, Conditions::of_query(request)?)?;
    let what = format!("object/{}/{}", named.bucket, named.object);
    Ok(Reply::empty(204).did(Effect::Delete, what))
}

/// `objects.copy`.
pub(super) fn copy_object(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let object = copied(request, tx, context)?;
    let what = format!("object/{}/{}", text(&object, "bucket"), text(&object, "name"));
    Ok(Reply::json(objects::show(&object, context.google_url)).did(Effect::Create, what))
}

/// `objects.rewrite`: everything is copied at once.
pub(super) fn rewrite_object(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let object = copied(request, tx, context)?;
    let size = at(&object, "/size");
    let what = format!("object/{}/{}", text(&object, "bucket"), text(&object, "name"));
    let answer = json!({
        "kind": "storage#rewriteResponse", "totalBytesRewritten": size, "objectSize": size,
        "done": true, "resource": objects::show(&object, context.google_url),
    });
    Ok(Reply::json(answer).did(Effect::Create, what))
}

fn copied(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let sent = sent(request, &OBJECT)?;
    let from = Named { generation: request.query("sourceGeneration"), ..named(request) };
    let source = objects::load(tx, from, Conditions::default())?;
    let bytes = objects::bytes(tx, from, &source)?;
    let mut metadata = source;
    buckets::merge(&mut metadata, &sent);
    let to = (request.label("to"), request.label("as"));
    let conditions = Conditions::of_query(request)?;
    objects::insert(tx, context, to, &Upload { metadata: &metadata, bytes: &bytes, conditions })
}
