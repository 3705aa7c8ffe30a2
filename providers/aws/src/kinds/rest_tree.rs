//! The resources and methods of one REST API, as one bulk read shows them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::types::{Integration, IntegrationType, Method, Resource};
use sha2::{Digest, Sha256};
use updraft_contract::hex;

/// How long API Gateway waits for an integration unless told otherwise, in milliseconds.
///
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html>
pub(crate) const DEFAULT_TIMEOUT: i64 = 29_000;

/// Everything below the root of one API, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    nodes: BTreeMap<String, Node>,
}

/// One path resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// The cloud's id of it.
    pub(crate) id: String,
    /// Its methods.
    pub(crate) routes: BTreeMap<String, Wired>,
}

/// What one method does, in the terms that Updraft manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wired {
    /// Who may call: `NONE` or `AWS_IAM`, or a kind of authorizer that is not ours.
    pub(crate) authorization: String,
    /// Whether callers must send an API key.
    pub(crate) api_key: bool,
    /// How requests are passed on. `AWS_PROXY` is ours; absent if nothing is set up yet.
    pub(crate) integration: Option<String>,
    /// The ARN of the function that answers, if one does.
    pub(crate) function: Option<String>,
    /// How long the gateway waits, in milliseconds.
    pub(crate) timeout: i64,
}

impl Tree {
    /// Reads the cloud's answer.
    pub(crate) fn of(resources: &[Resource]) -> Self {
        let nodes = resources.iter().filter_map(|resource| {
            let routes = resource.resource_methods().into_iter().flatten();
            let node = Node {
                id: resource.id()?.to_owned(),
                routes: routes.map(|(name, method)| (name.clone(), Wired::of(method))).collect(),
            };
            Some((resource.path()?.to_owned(), node))
        });
        Self { nodes: nodes.collect() }
    }

    /// Returns the path resource at `path`.
    pub(crate) fn node(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// Returns the route at `method` and `path`.
    pub(crate) fn route(&self, method: &str, path: &str) -> Option<&Wired> {
        self.node(path)?.routes.get(method)
    }

    /// Iterates over the routes: path, method, route.
    pub(crate) fn routes(&self) -> impl Iterator<Item = (&str, &str, &Wired)> {
        self.nodes.iter().flat_map(|(path, node)| {
            node.routes.iter().map(|(method, route)| (path.as_str(), method.as_str(), route))
        })
    }

    /// Returns the paths of resources with neither methods nor children, which serve nothing.
    pub(crate) fn bare(&self) -> impl Iterator<Item = &str> {
        let bare = |(path, node): (&'_ String, &Node)| {
            *path != "/" && node.routes.is_empty() && !self.has_children(path)
        };
        self.nodes.iter().filter(move |entry| bare(*entry)).map(|(path, _)| path.as_str())
    }

    fn has_children(&self, path: &str) -> bool {
        let below = format!("{}/", path.trim_end_matches('/'));
        self.nodes.keys().any(|other| other.len() > below.len() && other.starts_with(&below))
    }

    /// Adds a path resource, as the cloud does.
    pub(crate) fn add(&mut self, path: &str, id: String) {
        self.nodes.insert(path.to_owned(), Node { id, routes: BTreeMap::new() });
    }

    /// Forgets a path resource and everything below it, as the cloud does.
    pub(crate) fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        self.nodes.retain(|other, _| other != path && !other.starts_with(&below));
    }

    /// Adds a method, or replaces it.
    pub(crate) fn add_route(&mut self, method: &str, path: &str, wired: Wired) {
        if let Some(node) = self.nodes.get_mut(path) {
            node.routes.insert(method.to_owned(), wired);
        }
    }

    /// Forgets one method.
    pub(crate) fn remove_route(&mut self, method: &str, path: &str) {
        if let Some(node) = self.nodes.get_mut(path) {
            node.routes.remove(method);
        }
    }

    /// Returns the sibling of `path` whose last part is a variable of another name.
    ///
    /// API Gateway allows one variable among siblings, so it stands in the way of `path`.
    pub(crate) fn rival(&self, path: &str) -> Option<(&str, &Node)> {
        let (parent, part) = split(path);
        if !part.starts_with('{') {
            return None;
        }
        let mut siblings = self.nodes.iter().filter(|(other, _)| other.as_str() != path);
        let rival = siblings.find(|(other, _)| {
            let (other_parent, other_part) = split(other);
            other_parent == parent && other_part.starts_with('{')
        });
        rival.map(|(path, node)| (path.as_str(), node))
    }

    /// Digests what a deployment of the tree serves.
    pub(crate) fn digest(&self) -> String {
        let served = self.routes().map(|(path, method, route)| served(method, path, route));
        digest(&served.collect())
    }
}

impl Wired {
    fn of(method: &Method) -> Self {
        let integration = method.method_integration();
        let uri = integration.and_then(|i| i.uri());
        let kind = integration.and_then(|i| i.r#type());
        // Lambda is called with POST whatever the caller's method.
        let posted = integration.and_then(|i| i.http_method()) == Some("POST");
        let proxied = posted && kind == Some(&IntegrationType::AwsProxy);
        Self {
            authorization: method.authorization_type().unwrap_or("NONE").to_owned(),
            api_key: method.api_key_required().unwrap_or_default(),
            integration: kind.map(|kind| kind.as_str().to_owned()),
            function: uri.filter(|_| proxied).and_then(function),
            timeout: match integration.map_or(0, Integration::timeout_in_millis) {
                0 => DEFAULT_TIMEOUT,
                set => i64::from(set),
            },
        }
    }
}

/// Writes what one route serves, for the digest.
pub(crate) fn served(method: &str, path: &str, route: &Wired) -> String {
    let function = route.function.as_deref().unwrap_or("-");
    let kind = route.integration.as_deref().unwrap_or("-");
    let key = if route.api_key { " key" } else { "" };
    format!("{method} {path} {} {kind} {function} {}{key}", route.authorization, route.timeout)
}

/// Digests the routes of an API, whatever order they come in.
pub(crate) fn digest(served: &BTreeSet<String>) -> String {
    let mut hash = Sha256::new();
    for route in served {
        hash.update(route.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}

/// Returns the address API Gateway calls a function at.
///
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>, `uri`.
pub(crate) fn invocation_uri(partition: &str, region: &str, function: &str) -> String {
    format!(
        "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations"
    )
}

/// Returns the function that an invocation address calls.
fn function(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once(":lambda:path/2015-03-31/functions/")?;
    rest.strip_suffix("/invocations").map(str::to_owned)
}

/// Splits a path into its parent and its last part.
pub(crate) fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", part)) => ("/", part),
        Some((parent, part)) => (parent, part),
        None => ("/", path),
    }
}

/// Lists a path and its ancestors, shortest first, without the root.
pub(crate) fn steps(path: &str) -> Vec<&str> {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    ends.filter_map(|end| path.get(..end)).filter(|step| step.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_apigateway::types::{Integration, IntegrationType, Method, Resource};

    use super::{DEFAULT_TIMEOUT, Tree, invocation_uri, split, steps};

    fn proxy(function: &str) -> Integration {
        Integration::builder()
            .r#type(IntegrationType::AwsProxy)
            .http_method("POST")
            .uri(invocation_uri("aws", "eu-west-1", function))
            .build()
    }

    fn resource(path: &str, methods: &[(&str, Method)]) -> Resource {
        let mut built = Resource::builder().id(format!("id{path}")).path(path);
        for (name, method) in methods {
            built = built.resource_methods(*name, method.clone());
        }
        built.build()
    }

    fn method(authorization: &str) -> Method {
        Method::builder().authorization_type(authorization).build()
    }

    #[test]
    fn a_method_without_an_integration_calls_no_function() {
        let tree = Tree::of(&[resource("/a", &[("GET", method("NONE"))])]);
        let route = tree.route("GET", "/a").unwrap();
        assert_eq!((&route.integration, &route.function), (&None, &None));
        assert_eq!(route.timeout, DEFAULT_TIMEOUT);
    }

    #[test]
    fn the_function_is_read_from_the_invocation_address() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:f";
        let wired = Method::builder().authorization_type("AWS_IAM").method_integration(proxy(arn));
        let tree = Tree::of(&[resource("/a", &[("GET", wired.build())])]);
        assert_eq!(tree.route("GET", "/a").unwrap().function.as_deref(), Some(arn));
    }

    #[test]
    fn only_leaves_without_methods_are_bare() {
        let tree = Tree::of(&[
            resource("/", &[]),
            resource("/a", &[]),
            resource("/a/b", &[("GET", method("NONE"))]),
            resource("/ab", &[]),
        ]);
        assert_eq!(tree.bare().collect::<Vec<_>>(), ["/ab"]);
    }

    #[test]
    fn variables_of_different_names_are_rivals() {
        let tree =
            Tree::of(&[resource("/a", &[]), resource("/a/{id}", &[]), resource("/a/x", &[])]);
        assert_eq!(tree.rival("/a/{name}").map(|(path, _)| path), Some("/a/{id}"));
        assert_eq!(tree.rival("/a/{id}"), None);
        assert_eq!(tree.rival("/b/{name}"), None);
        assert_eq!(tree.rival("/a/name"), None);
    }

    #[test]
    fn the_digest_sees_every_field_of_a_route() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:f";
        let with = |authorization: &str, integration: Option<Integration>| {
            let method = Method::builder().authorization_type(authorization);
            let method = method.set_method_integration(integration).build();
            Tree::of(&[resource("/a", &[("GET", method)])]).digest()
        };
        let digests = [
            with("NONE", Some(proxy(arn))),
            with("AWS_IAM", Some(proxy(arn))),
            with("NONE", Some(proxy(&format!("{arn}2")))),
            with("NONE", None),
        ];
        let unlike: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(unlike.len(), digests.len());
    }

    #[test]
    fn paths_are_taken_apart() {
        assert_eq!(split("/a"), ("/", "a"));
        assert_eq!(split("/a/{b}"), ("/a", "{b}"));
        assert_eq!(steps("/a/{b}/c"), ["/a", "/a/{b}", "/a/{b}/c"]);
        assert_eq!(steps("/"), Vec::<&str>::new());
    }
}
