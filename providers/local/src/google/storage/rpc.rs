//! The methods of `google.storage.v2.Storage` that administer buckets and objects.

use serde_json::{Value, json};

use super::buckets::{self, Update, named};
use super::conditions::Conditions;
use super::objects::{self, Listing, Named};
use super::rest::put_policy;
use super::tables::{G_BUCKET, G_OBJECT, MASK, calls};
use crate::cloud::Context;
use crate::google::grpc::{self, EMPTY, GET_POLICY, POLICY, SET_POLICY, TEST, TESTED};
use crate::google::policy;
use crate::google::refusals::invalid;
use crate::judge;
use crate::ledger::Effect;
use crate::members::text;
use crate::page::{Cut, Page, page};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// `CreateBucket`.
pub(super) fn create_bucket(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::CREATE_BUCKET, request)?;
    if !matches!(text(&sent, "parent"), "" | "projects/_") {
        return Err(invalid("The parent of a bucket must be 'projects/_' or empty."));
    }
    let bucket = sent.get("bucket").cloned().unwrap_or_else(|| json!({}));
    let project = text(&bucket, "project").strip_prefix("projects/").unwrap_or_default();
    if project.is_empty() {
        return Err(invalid("The bucket's project is required: projects/{project}."));
    }
    let name = text(&sent, "bucketId");
    let made = buckets::create(tx, context, (project, name), &bucket)?;
    let reply = grpc::reply(&G_BUCKET, &buckets::show_grpc(&made, context.google_url));
    Ok(reply.did(Effect::Create, format!("bucket/{name}")))
}

/// `GetBucket`.
pub(super) fn get_bucket(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::NAMED_BUCKET, request)?;
    let bucket = buckets::load(tx, named(text(&sent, "name"))?)?;
    Conditions::of_message(&sent)?.check(Some(&bucket))?;
    Ok(grpc::reply(&G_BUCKET, &buckets::show_grpc(&bucket, context.google_url)))
}

/// `DeleteBucket`.
pub(super) fn delete_bucket(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::NAMED_BUCKET, request)?;
    let name = named(text(&sent, "name"))?;
    buckets::remove(tx, name, Conditions::of_message(&sent)?)?;
    Ok(grpc::reply(&EMPTY, &json!({})).did(Effect::Delete, format!("bucket/{name}")))
}

/// `ListBuckets`.
pub(super) fn list_buckets(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::LIST_BUCKETS, request)?;
    let project = text(&sent, "parent").strip_prefix("projects/").filter(|id| !id.is_empty());
    let project = project.ok_or_else(|| invalid("The parent must be projects/{project}."))?;
    let found = buckets::all(tx, project, text(&sent, "prefix"))?;
    let items = found.iter().map(|bucket| {
        (text(bucket, "name").to_owned(), buckets::show_grpc(bucket, context.google_url))
    });
    let (items, next) = cut(&sent, context, items.collect())?;
    let items: Vec<Value> = items.into_iter().map(|(_, bucket)| bucket).collect();
    Ok(grpc::reply(&calls::BUCKETS, &json!({"items": items, "nextPageToken": next})))
}

type Items = Vec<(String, Value)>;

fn cut(sent: &Value, context: &Context<'_>, items: Items) -> Result<(Items, String), Refusal> {
    let asked =
        sent.get("pageSize").and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
    let limit = context.page_limit(asked.filter(|asked| *asked > 0), 1000);
    let token = Some(text(sent, "pageToken")).filter(|token| !token.is_empty());
    let Some(Page { items, next }) = page(items, Cut { limit, token }, |(key, _)| key.clone())
    else {
        return Err(invalid("The page token is not valid."));
    };
    Ok((items, next.unwrap_or_default()))
}

/// `UpdateBucket`.
pub(super) fn update_bucket(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::UPDATE_BUCKET, request)?;
    let bucket = sent.get("bucket").cloned().unwrap_or_else(|| json!({}));
    let name = named(text(&bucket, "resourceName"))?;
    let paths = sent.pointer("/updateMask/paths").and_then(Value::as_array);
    let mut masked = Vec::new();
    for path in paths.into_iter().flatten().filter_map(Value::as_str) {
        let known = MASK.iter().find(|(grpc, _)| *grpc == path);
        match known {
            Some((_, json)) => masked.push(*json),
            None if path == "*" => masked.extend(MASK.iter().map(|(_, json)| *json)),
            None => return Err(invalid(format!("Invalid update mask: {path}."))),
        }
    }
    if masked.is_empty() {
        return Err(invalid("The update mask is required."));
    }
    let at = (name, Conditions::of_message(&sent)?);
    let changed = buckets::update(tx, context, at, &Update::Masked(&bucket, masked))?;
    let reply = grpc::reply(&G_BUCKET, &buckets::show_grpc(&changed, context.google_url));
    Ok(reply.did(Effect::Update, format!("bucket/{name}")))
}

/// `GetIamPolicy`.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&GET_POLICY, request)?;
    let name = named(text(&sent, "resource"))?;
    buckets::load(tx, name)?;
    let version = sent.pointer("/options/requestedPolicyVersion").and_then(Value::as_i64);
    let policy = policy::read(tx, &buckets::resource(name), version.unwrap_or_default())?;
    Ok(grpc::reply(&POLICY, &policy))
}

/// `SetIamPolicy`.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&SET_POLICY, request)?;
    let name = named(text(&sent, "resource"))?;
    let policy = sent.get("policy").cloned().unwrap_or_else(|| json!({}));
    let policy = put_policy(tx, context, name, &policy)?;
    let what = format!("policy/{}", buckets::resource(name));
    Ok(grpc::reply(&POLICY, &policy).did(Effect::Update, what))
}

/// `TestIamPermissions`: the owner has all of them.
pub(super) fn test_permissions(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut sent = grpc::read(&TEST, request)?;
    buckets::load(tx, named(text(&sent, "resource"))?)?;
    if let Some(asked) = sent.get_mut("permissions").and_then(Value::as_array_mut) {
        asked.retain(|one| {
            one.as_str().is_some_and(|one| judge::google::may(context, request, one))
        });
    }
    Ok(grpc::reply(&TESTED, &sent))
}

fn object_of(sent: &Value) -> Result<Named<'_>, Refusal> {
    let generation = Some(text(sent, "generation")).filter(|text| !matches!(*text, "" | "0"));
    Ok(Named { bucket: named(text(sent, "bucket"))?, object: text(sent, "object"), generation })
}

/// `GetObject`.
pub(super) fn get_object(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::GET_OBJECT, request)?;
    let object = objects::load(tx, object_of(&sent)?, Conditions::of_message(&sent)?)?;
    Ok(grpc::reply(&G_OBJECT, &objects::show_grpc(&object)))
}

/// `DeleteObject`.
pub(super) fn delete_object(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::DELETE_OBJECT, request)?;
    let named = object_of(&sent)?;
    objects::remove(tx, context, named, Conditions::of_message(&sent)?)?;
    let what = format!("object/{}/{}", named.bucket, named.object);
    Ok(grpc::reply(&EMPTY, &json!({})).did(Effect::Delete, what))
}

/// `ListObjects`.
pub(super) fn list_objects(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&calls::LIST_OBJECTS, request)?;
    let listing = Listing {
        prefix: text(&sent, "prefix"),
        delimiter: text(&sent, "delimiter"),
        start: text(&sent, "startOffset"),
        end: text(&sent, "endOffset"),
        versions: sent.get("versions") == Some(&json!(true)),
    };
    let found = objects::list(tx, named(text(&sent, "parent"))?, &listing)?;
    let (items, next) = cut(&sent, context, found)?;
    let (prefixes, items): (Vec<Value>, Vec<Value>) =
        items.into_iter().map(|(_, item)| item).partition(Value::is_string);
    let items: Vec<Value> = items.iter().map(objects::show_grpc).collect();
    let answer = json!({"items": items, "prefixes": prefixes, "nextPageToken": next});
    Ok(grpc::reply(&calls::OBJECTS, &answer))
}
