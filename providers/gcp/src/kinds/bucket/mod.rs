//! `gcp.bucket`: a bucket of the manifest; `gcp.source-bucket`: the one that archives of code are
//! uploaded to. Both private, with access decided by policies alone.

mod archive;
mod empty;
mod lower;

use std::collections::BTreeMap;

use async_trait::async_trait;
use google_cloud_storage::model;
use google_cloud_wkt::FieldMask;
use updraft_contract::{
    Action, FieldSpec, Grant, KindSpec, Known, Live, ResourceId, Scope, Stages, Verb, Version,
};
use updraft_transport::{ResourceKind, known, pages};

pub(crate) use archive::{Uploaded, uploaded};
pub(crate) use lower::{id, source_id, source_wanted, wanted};

use super::{BUCKET, SOURCE_BUCKET};
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::{Found, Made};
use crate::kinds::topic::ordered;
use crate::marks;
use crate::place::Names;
use crate::survey::Survey;

const GRANTS: &[Grant] = &[
    Grant { verb: Verb::Create, permissions: &["storage.buckets.create"] },
    Grant { verb: Verb::Update, permissions: &["storage.buckets.update"] },
    Grant {
        verb: Verb::Delete,
        permissions: &["storage.buckets.delete", "storage.objects.delete", "storage.objects.list"],
    },
];

const READS: &[&str] = &["storage.buckets.get", "storage.buckets.list", "storage.objects.list"];

/// Buckets of the manifest, as data.
static DATA: KindSpec = KindSpec {
    kind: BUCKET,
    needs: &[],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("location"),
        FieldSpec::plain("uniform-access"),
        FieldSpec::plain("public-access"),
        FieldSpec::plain("soft-delete"),
        FieldSpec::plain("labels"),
    ],
    grants: GRANTS,
    reads: READS,
    downtime: "the bucket is away, and so is what is in it",
    shows: &["name"],
};

/// The bucket of archives, as data. Nothing is lost with it: archives are made again.
static SOURCE: KindSpec = KindSpec {
    kind: SOURCE_BUCKET,
    needs: &[],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("location"),
        FieldSpec::plain("uniform-access"),
        FieldSpec::plain("public-access"),
        FieldSpec::plain("soft-delete"),
        FieldSpec::plain("delete-after-days"),
        FieldSpec::plain("labels"),
    ],
    grants: GRANTS,
    reads: READS,
    downtime: "",
    shows: &[],
};

/// Which fields of ours stand in which member of a bucket, as an update mask names it.
const MASKS: &[(&str, &str)] = &[
    ("uniform-access", "iam_config"),
    ("public-access", "iam_config"),
    ("soft-delete", "soft_delete_policy"),
    ("delete-after-days", "lifecycle"),
    ("labels", "labels"),
];

/// One of the two kinds.
pub(crate) enum Bucket {
    /// Buckets of the manifest.
    Data,
    /// The bucket of archives.
    Source,
}

impl Bucket {
    /// Returns the name of the bucket at an address of this kind.
    fn name(&self, names: Names<'_>, id: &ResourceId) -> String {
        match self {
            Bucket::Data => names.bucket(&id.name),
            Bucket::Source => lower::source_name(names),
        }
    }

    /// Returns the address of a bucket that carries our marks, if it is of this kind.
    fn marked(
        &self,
        scope: &Scope,
        names: Names<'_>,
        bucket: &model::Bucket,
    ) -> Option<ResourceId> {
        let logical = marks::address(scope, &ordered(&bucket.labels))?;
        let source = bucket.bucket_id == lower::source_name(names);
        match self {
            Bucket::Data => (!source).then(|| id(&logical)),
            Bucket::Source => source.then(source_id),
        }
    }

    async fn found(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        (id, bucket): (&ResourceId, &model::Bucket),
    ) -> Result<Found, Failure> {
        let labels = ordered(&bucket.labels);
        let fields = known(lower::read(bucket));
        let full = match self {
            Bucket::Data => !empty::is_empty(cloud, &bucket.name).await?,
            Bucket::Source => false,
        };
        let live = Live {
            holds: full.then(|| "objects".to_owned()),
            id: id.clone(),
            owner: marks::owner(scope, id, &labels),
            version: Version::of(&fields),
            outputs: complete(bucket),
            fields,
        };
        Ok(Found { live, nonce: labels.get(marks::NONCE).cloned() })
    }
}

#[async_trait]
impl ResourceKind<Cloud, Survey> for Bucket {
    fn spec(&self) -> &'static KindSpec {
        match self {
            Bucket::Data => &DATA,
            Bucket::Source => &SOURCE,
        }
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let wanted: BTreeMap<String, ResourceId> =
            survey.wanted(self.spec().kind).map(|id| (self.name(names, id), id.clone())).collect();
        let mut found = Vec::new();
        for bucket in all(cloud, survey).await? {
            let marked = || self.marked(&survey.scope, names, bucket);
            let Some(id) = wanted.get(&bucket.bucket_id).cloned().or_else(marked) else { continue };
            found.push(self.found(cloud, &survey.scope, (&id, bucket)).await?.live);
        }
        Ok(found)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let name = full_name(&self.name(cloud.place.names_in(scope), id));
        let Some(bucket) = get(cloud, &name).await? else { return Ok(None) };
        Ok(Some(self.found(cloud, scope, (id, &bucket)).await?))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let name = self.name(cloud.place.names_in(scope), &action.target);
        let bucket = lower::configured(&action.body)
            .set_project(cloud.place.project_name())
            .set_location(action.body.text("location").unwrap_or_default())
            .set_labels(marks::with(scope, &action.target, action.body.get("labels")));
        let call = cloud.once("storage.buckets.create", |api| {
            let call = api.buckets.create_bucket().set_parent("projects/_").set_bucket_id(&name);
            call.set_bucket(bucket.clone()).send()
        });
        Ok(complete(&call.await?.set_bucket_id(name)))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (from, to) = (&found.live.fields, &action.body);
        let differ = MASKS.iter().filter(|(field, _)| from.get(field) != to.get(field));
        let mut mask: Vec<&str> = differ.map(|(_, path)| *path).collect();
        mask.dedup();
        let name = full_name(&self.name(cloud.place.names_in(scope), &action.target));
        let live = get(cloud, &name).await?;
        let Some(live) = live.filter(|_| !mask.is_empty()) else {
            return Ok(found.live.outputs.clone());
        };
        let labels = marks::kept(&ordered(&live.labels), to.get("labels"));
        let bucket = lower::configured(to).set_name(&name).set_labels(labels);
        let mask = FieldMask::default().set_paths(mask);
        let call = cloud.safe("storage.buckets.update", |api| {
            let call = api.buckets.update_bucket().set_bucket(bucket.clone());
            let call = call.set_if_metageneration_match(live.metageneration);
            call.set_update_mask(mask.clone()).send()
        });
        call.await?;
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = full_name(&self.name(cloud.place.names_in(scope), &found.live.id));
        let ours = matches!(self, Bucket::Source);
        if ours || scope.destroy_data {
            empty::empty(cloud, &name).await?;
        }
        let call = cloud.safe("storage.buckets.delete", |api| {
            api.buckets.delete_bucket().set_name(&name).send()
        });
        call.await
    }
}

/// Returns the full name of a bucket.
pub(crate) fn full_name(bucket: &str) -> String {
    format!("projects/_/buckets/{bucket}")
}

/// Reads one bucket. `None`: there is none.
pub(crate) async fn get(cloud: &Cloud, name: &str) -> Result<Option<model::Bucket>, Failure> {
    let call =
        cloud.safe("storage.buckets.get", |api| api.buckets.get_bucket().set_name(name).send());
    absent(call.await)
}

/// Returns the buckets of the project, ours or not.
pub(crate) async fn all<'s>(
    cloud: &Cloud,
    survey: &'s Survey,
) -> Result<&'s [model::Bucket], Failure> {
    let read = pages("storage.buckets.list", async |token: Option<String>| {
        let project = cloud.place.project_name();
        let call = cloud.safe("storage.buckets.list", |api| {
            let call = api.buckets.list_buckets().set_parent(&project).set_page_size(1000);
            call.set_page_token(token.clone().unwrap_or_default()).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.buckets, Some(answer.next_page_token)))
    });
    survey.buckets.get_or_try_init(|| read).await.map(Vec::as_slice)
}

/// Returns the outputs of a bucket that is there. When it was made is told by its nonce.
fn complete(bucket: &model::Bucket) -> Made {
    let mut outputs = outputs(&bucket.bucket_id);
    let made = ordered(&bucket.labels).remove(marks::NONCE).unwrap_or_default();
    outputs.insert("made", made);
    outputs
}

fn outputs(bucket: &str) -> Made {
    BTreeMap::from([("name", bucket.to_owned())])
}
