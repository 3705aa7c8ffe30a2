//! Changes the paths and methods of a REST API, one change at a time.
//!
//! API Gateway refuses concurrent changes of one API ("concurrent modification"), so every
//! change holds the API's lock. It knows the tree and does only what is missing in it.

use std::sync::PoisonError;

use aws_sdk_apigateway::types::{IntegrationType, Op, PatchOperation};
use updraft_contract::ResourceId;
use updraft_transport::{Class, pages};

use super::http;
use super::rest_tree::{DEFAULT_TIMEOUT, Tree, Wired, invocation_uri, split, steps};
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};

/// How often a change is taken up again after a lost answer or somebody else's change.
const TRIES: usize = 4;

/// Reads everything in an API, or `None` if there is no such API.
pub(crate) async fn read_tree(cloud: &Cloud, api_id: &str) -> Result<Option<Tree>, Failure> {
    cloud.readings.rest_trees.get(api_id, read_now(cloud, api_id)).await
}

async fn read_now(cloud: &Cloud, api_id: &str) -> Result<Option<Tree>, Failure> {
    let resources = pages("apigateway:GetResources", |position: Option<String>| async move {
        let answer = cloud.safe("apigateway:GetResources", |clients| {
            let request = clients.apigateway.get_resources().rest_api_id(api_id).limit(500);
            request.embed("methods").set_position(position.clone()).send()
        });
        let answer = answer.await?;
        Ok::<_, Failure>((answer.items.unwrap_or_default(), answer.position))
    });
    Ok(absent(resources.await)?.map(|resources| Tree::of(&resources)))
}

/// Makes the route `key`, which is not there yet, as `wanted`.
///
/// The cloud refuses what exists already, so one reading serves many creations: what this run has
/// made is added to it, and it is dropped at the first surprise.
pub(crate) async fn make(
    cloud: &Cloud,
    api_id: &str,
    target: &ResourceId,
    wanted: &Wired,
) -> Result<(), Failure> {
    let _held = cloud.lock(api_id).await;
    let change = Change { cloud, api_id };
    let (method, path) = http::parts(&target.name);
    let draft = change.take_draft().filter(|draft| draft.route(method, path).is_none());
    if let Some(mut draft) = draft
        && change.ensure(&mut draft, &target.name, wanted).await.is_ok()
    {
        change.keep_draft(draft);
        return Ok(());
    }
    let tree = change.read().await?;
    let taken = tree.route(method, path).filter(|found| *found != wanted);
    // Half of it may be our own work of a moment ago, but never another configuration.
    if taken.is_some_and(|found| found.integration.is_some()) {
        return Err(Failure::stale(target));
    }
    change.persist(tree, &target.name, wanted).await
}

/// Turns the route `key` into what is `wanted`.
pub(crate) async fn change(
    cloud: &Cloud,
    api_id: &str,
    key: &str,
    wanted: &Wired,
) -> Result<(), Failure> {
    let _held = cloud.lock(api_id).await;
    let change = Change { cloud, api_id };
    change.take_draft();
    let tree = change.read().await?;
    change.persist(tree, key, wanted).await
}

/// Removes a method, and the paths that then serve nothing.
pub(crate) async fn remove(
    cloud: &Cloud,
    api_id: &str,
    method: &str,
    path: &str,
) -> Result<(), Failure> {
    let _held = cloud.lock(api_id).await;
    let change = Change { cloud, api_id };
    change.take_draft();
    let Some(mut tree) = read_tree(cloud, api_id).await? else { return Ok(()) };
    if tree.route(method, path).is_some() {
        let resource = tree.node(path).map(|node| node.id.clone()).unwrap_or_default();
        let deleted = cloud.safe("apigateway:DeleteMethod", |clients| {
            let request = clients.apigateway.delete_method().rest_api_id(api_id);
            request.resource_id(resource.clone()).http_method(method).send()
        });
        gone(deleted.await)?;
        tree.remove_route(method, path);
    }
    change.prune(&mut tree, path).await
}

/// Removes a path that serves nothing, and its ancestors that then serve nothing.
pub(crate) async fn prune(cloud: &Cloud, api_id: &str, path: &str) -> Result<(), Failure> {
    let _held = cloud.lock(api_id).await;
    let change = Change { cloud, api_id };
    change.take_draft();
    let Some(mut tree) = read_tree(cloud, api_id).await? else { return Ok(()) };
    change.prune(&mut tree, path).await
}

/// One API, while its lock is held.
struct Change<'a> {
    cloud: &'a Cloud,
    api_id: &'a str,
}

impl Change<'_> {
    fn take_draft(&self) -> Option<Tree> {
        let drafts = &self.cloud.readings.rest_drafts;
        drafts.lock().unwrap_or_else(PoisonError::into_inner).remove(self.api_id)
    }

    fn keep_draft(&self, tree: Tree) {
        let drafts = &self.cloud.readings.rest_drafts;
        let mut drafts = drafts.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.insert(self.api_id.to_owned(), tree);
    }

    async fn read(&self) -> Result<Tree, Failure> {
        read_tree(self.cloud, self.api_id).await?.ok_or_else(|| self.missing())
    }

    /// Changes `tree` until it serves the route; reads again what a lost answer has left.
    async fn persist(&self, mut tree: Tree, key: &str, wanted: &Wired) -> Result<(), Failure> {
        for tries in 1.. {
            let Err(failure) = self.ensure(&mut tree, key, wanted).await else { break };
            let unsure = matches!(failure.class, Class::Ambiguous | Class::ConflictExists);
            if !unsure || tries == TRIES {
                return Err(failure);
            }
            tree = self.read().await?;
        }
        self.keep_draft(tree);
        Ok(())
    }

    /// Does what is missing in `tree`, which must be what the cloud has, and keeps it so.
    async fn ensure(&self, tree: &mut Tree, key: &str, wanted: &Wired) -> Result<(), Failure> {
        let (method, path) = http::parts(key);
        for step in steps(path) {
            if tree.node(step).is_none() {
                self.make_room(tree, step).await?;
                self.add_path(tree, step).await?;
            }
        }
        let node = tree.node(path).ok_or_else(|| self.missing())?;
        let at = At { resource: &node.id, method };
        let found = node.routes.get(method);
        match found {
            None => self.put_method(&at, wanted).await?,
            Some(found) => self.patch_method(&at, found, wanted).await?,
        }
        let parts =
            |wired: &Wired| (wired.integration.clone(), wired.function.clone(), wired.timeout);
        if found.map(parts) != Some(parts(wanted)) {
            self.put_integration(&at, wanted).await?;
        }
        tree.add_route(method, path, wanted.clone());
        Ok(())
    }

    /// Removes the sibling whose variable has another name: API Gateway allows only one, and a
    /// manifest cannot want both, so what hangs on it is on its way out.
    async fn make_room(&self, tree: &mut Tree, path: &str) -> Result<(), Failure> {
        let Some((rival, node)) = tree.rival(path) else { return Ok(()) };
        let (rival, resource) = (rival.to_owned(), node.id.clone());
        self.delete_path(&resource).await?;
        tree.remove(&rival);
        Ok(())
    }

    async fn add_path(&self, tree: &mut Tree, path: &str) -> Result<(), Failure> {
        let (parent, part) = split(path);
        let parent = tree.node(parent).ok_or_else(|| self.missing())?.id.clone();
        let made = self.cloud.once("apigateway:CreateResource", |clients| {
            let request = clients.apigateway.create_resource().rest_api_id(self.api_id);
            request.parent_id(parent.clone()).path_part(part).send()
        });
        tree.add(path, made.await?.id.unwrap_or_default());
        Ok(())
    }

    async fn put_method(&self, at: &At<'_>, wanted: &Wired) -> Result<(), Failure> {
        let put = self.cloud.once("apigateway:PutMethod", |clients| {
            let request = clients.apigateway.put_method().rest_api_id(self.api_id);
            let request = request.resource_id(at.resource).http_method(at.method);
            request
                .authorization_type(&wanted.authorization)
                .api_key_required(wanted.api_key)
                .send()
        });
        put.await.map(|_| ())
    }

    async fn patch_method(
        &self,
        at: &At<'_>,
        found: &Wired,
        wanted: &Wired,
    ) -> Result<(), Failure> {
        let replace = |path: &str, value: String| {
            PatchOperation::builder().op(Op::Replace).path(path).value(value).build()
        };
        let mut patch = Vec::new();
        if found.authorization != wanted.authorization {
            patch.push(replace("/authorizationType", wanted.authorization.clone()));
        }
        if found.api_key != wanted.api_key {
            patch.push(replace("/apiKeyRequired", wanted.api_key.to_string()));
        }
        if patch.is_empty() {
            return Ok(());
        }
        let patched = self.cloud.safe("apigateway:UpdateMethod", |clients| {
            let request = clients.apigateway.update_method().rest_api_id(self.api_id);
            let request = request.resource_id(at.resource).http_method(at.method);
            request.set_patch_operations(Some(patch.clone())).send()
        });
        patched.await.map(|_| ())
    }

    /// Lambda is always called with POST, whatever the caller's method:
    /// <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html>.
    async fn put_integration(&self, at: &At<'_>, wanted: &Wired) -> Result<(), Failure> {
        let place = &self.cloud.place;
        let function = wanted.function.as_deref().unwrap_or_default();
        let uri = invocation_uri(&place.partition, &place.region, function);
        let timeout =
            i32::try_from(wanted.timeout).ok().filter(|ms| i64::from(*ms) != DEFAULT_TIMEOUT);
        let put = self.cloud.safe("apigateway:PutIntegration", |clients| {
            let request = clients.apigateway.put_integration().rest_api_id(self.api_id);
            let request = request.resource_id(at.resource).http_method(at.method);
            let request = request.r#type(IntegrationType::AwsProxy).integration_http_method("POST");
            request.uri(uri.clone()).set_timeout_in_millis(timeout).send()
        });
        put.await.map(|_| ())
    }

    async fn prune(&self, tree: &mut Tree, path: &str) -> Result<(), Failure> {
        for step in steps(path).into_iter().rev() {
            let Some(node) = tree.node(step) else { continue };
            if !tree.bare().any(|bare| bare == step) {
                return Ok(());
            }
            self.delete_path(&node.id.clone()).await?;
            tree.remove(step);
        }
        Ok(())
    }

    async fn delete_path(&self, resource: &str) -> Result<(), Failure> {
        let deleted = self.cloud.safe("apigateway:DeleteResource", |clients| {
            let request = clients.apigateway.delete_resource().rest_api_id(self.api_id);
            request.resource_id(resource).send()
        });
        gone(deleted.await)
    }

    fn missing(&self) -> Failure {
        let message = format!("REST API {} went away meanwhile", self.api_id);
        Failure::refused("apigateway:GetResources", "NotFoundException", message)
    }
}

/// One method of one path resource.
struct At<'a> {
    resource: &'a str,
    method: &'a str,
}
