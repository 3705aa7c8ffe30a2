//! One look at everything: what `observe` was asked, and answers that several kinds share.

use std::collections::BTreeMap;

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use tokio::sync::OnceCell;
use updraft_contract::{CloudError, Kind, Live, ResourceId, Scope};
use updraft_transport::pages;

use crate::client::Cloud;
use crate::errors::Failure;
use crate::kinds::bucket;
use crate::kinds::function::{self, Reading};
use crate::kinds::permission::{self, Policy};
use crate::marks::{PROJECT, STAGE, Tags};

/// Up to so many are read one by one, exactly; more are read in pages.
pub(crate) const FEW: usize = 25;

/// What one `observe` is about. Made anew for each, so that nothing in it outlives its truth.
pub(crate) struct Survey {
    /// Whose resources.
    pub(crate) scope: Scope,
    /// The REST APIs that carry our marks.
    pub(crate) rest_apis: OnceCell<Vec<aws_sdk_apigateway::types::RestApi>>,
    /// The HTTP APIs that carry our marks.
    pub(crate) http_apis: OnceCell<Vec<aws_sdk_apigatewayv2::types::Api>>,
    /// The group that schedules live in.
    pub(crate) schedule_group: OnceCell<Option<Live>>,
    wanted: Vec<ResourceId>,
    roles: OnceCell<BTreeMap<String, Option<String>>>,
    tagged: OnceCell<BTreeMap<String, Tags>>,
    functions: OnceCell<BTreeMap<String, Reading>>,
    policies: OnceCell<BTreeMap<String, Policy>>,
    buckets: OnceCell<BTreeMap<String, Tags>>,
}

impl Survey {
    /// Starts a survey.
    pub(crate) fn new(scope: &Scope, wanted: &[ResourceId]) -> Self {
        Self {
            scope: scope.clone(),
            rest_apis: OnceCell::new(),
            http_apis: OnceCell::new(),
            schedule_group: OnceCell::new(),
            wanted: wanted.to_vec(),
            roles: OnceCell::new(),
            tagged: OnceCell::new(),
            functions: OnceCell::new(),
            policies: OnceCell::new(),
            buckets: OnceCell::new(),
        }
    }

    /// Returns the wanted addresses of one kind.
    pub(crate) fn wanted(&self, kind: Kind) -> impl Iterator<Item = &ResourceId> {
        self.wanted.iter().filter(move |id| id.kind == kind)
    }

    /// Returns the names and descriptions of the roles under our path. `ListRoles` omits tags.
    pub(crate) async fn roles(
        &self,
        cloud: &Cloud,
    ) -> Result<&BTreeMap<String, Option<String>>, Failure> {
        let path = cloud.place.names_in(&self.scope).role_path();
        let read = pages("iam:ListRoles", |marker| {
            let path = path.clone();
            async move {
                let call = cloud.safe("iam:ListRoles", |api| {
                    let call = api.iam.list_roles().path_prefix(&path).max_items(1000);
                    call.set_marker(marker.clone()).send()
                });
                let answer = call.await?;
                Ok::<_, Failure>((answer.roles, answer.marker))
            }
        });
        let named = async {
            let roles = read.await?;
            Ok(roles.into_iter().map(|role| (role.role_name, role.description)).collect())
        };
        self.roles.get_or_try_init(|| named).await
    }

    /// Returns what the tag index says carries our marks, by ARN. A hint, never the truth: it is
    /// behind by hours at times and shows what no longer exists.
    pub(crate) async fn tagged(&self, cloud: &Cloud) -> Result<&BTreeMap<String, Tags>, Failure> {
        let filters = [(PROJECT, &self.scope.project), (STAGE, &self.scope.stage)];
        let filters: Vec<TagFilter> = filters
            .iter()
            .map(|(key, value)| TagFilter::builder().key(*key).values(*value).build())
            .collect();
        let read = pages("tag:GetResources", |token| {
            let filters = filters.clone();
            async move {
                let call = cloud.safe("tag:GetResources", |api| {
                    let call = api.tagging.get_resources().resources_per_page(100);
                    let call = call.set_tag_filters(Some(filters.clone()));
                    call.set_pagination_token(token.clone()).send()
                });
                let answer = call.await?;
                let mappings = answer.resource_tag_mapping_list.unwrap_or_default();
                Ok::<_, Failure>((mappings, answer.pagination_token))
            }
        });
        let by_arn = async {
            let mappings = read.await?;
            Ok(mappings.into_iter().filter_map(entry).collect())
        };
        self.tagged.get_or_try_init(|| by_arn).await
    }

    /// Returns the functions that are ours or stand at a wanted name, by name.
    pub(crate) async fn functions(
        &self,
        cloud: &Cloud,
    ) -> Result<&BTreeMap<String, Reading>, Failure> {
        self.functions.get_or_try_init(|| function::survey(cloud, self)).await
    }

    /// Returns the policies of the functions that have or had a statement of ours, or should have
    /// one, by the functions' logical names.
    pub(crate) async fn policies(
        &self,
        cloud: &Cloud,
    ) -> Result<&BTreeMap<String, Policy>, Failure> {
        self.policies.get_or_try_init(|| permission::survey(cloud, self)).await
    }

    /// Returns the tags of the region's buckets whose names start as ours do.
    pub(crate) async fn buckets(&self, cloud: &Cloud) -> Result<&BTreeMap<String, Tags>, Failure> {
        self.buckets.get_or_try_init(|| bucket::under_prefix(cloud, self)).await
    }
}

/// Returns what was listed, or nothing where the credentials may not list and the app has none.
///
/// Who deploys functions alone needs no permission on queues and buckets.
pub(crate) fn listed<T>(answer: Result<Vec<T>, Failure>, needed: bool) -> Result<Vec<T>, Failure> {
    match answer {
        Err(failure) if !needed && matches!(failure.error, CloudError::Denied { .. }) => {
            Ok(Vec::new())
        }
        other => other,
    }
}

fn entry(mapping: ResourceTagMapping) -> Option<(String, Tags)> {
    let tags = mapping.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
    Some((mapping.resource_arn?, tags.collect()))
}
