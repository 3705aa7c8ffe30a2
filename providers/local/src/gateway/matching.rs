//! Finds the route a path belongs to: literal segments before `{param}`, `{param}` before `{proxy+}`.
//!
//! Source: API Gateway developer guide, "Set up a proxy integration with a proxy resource" (REST) and
//! "Create routes for HTTP APIs" (HTTP).

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A path template split into segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Segment>);

/// One segment, in order of preference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

impl Segment {
    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Parameter(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

impl Template {
    /// Splits a template such as `/photos/{id}/{rest+}`.
    pub(crate) fn new(path: &str) -> Self {
        Self(segments(path).map(segment).collect())
    }

    /// Whether it ends in a greedy segment.
    pub(crate) fn is_greedy(&self) -> bool {
        matches!(self.0.last(), Some(Segment::Greedy(_)))
    }

    /// Returns the path parameters when a path, still percent-encoded, belongs to the template.
    pub(crate) fn parameters(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut rest = segments(path);
        let mut found = BTreeMap::new();
        for segment in &self.0 {
            match segment {
                Segment::Literal(text) => (rest.next()? == text).then_some(())?,
                Segment::Parameter(name) => {
                    found.insert(name.clone(), rest.next()?.to_owned());
                }
                Segment::Greedy(name) => {
                    let all: Vec<&str> = rest.by_ref().collect();
                    if all.is_empty() {
                        return None;
                    }
                    found.insert(name.clone(), all.join("/"));
                }
            }
        }
        rest.next().is_none().then_some(found)
    }

    /// Orders templates that match the same path: the more specific one first.
    pub(crate) fn by_preference(&self, other: &Self) -> Ordering {
        let ranks = |template: &Self| template.0.iter().map(Segment::rank).collect::<Vec<u8>>();
        // A longer template with the same beginning pins more of the path.
        ranks(self).cmp(&ranks(other)).then(other.0.len().cmp(&self.0.len()))
    }
}

/// Returns the best of the routes that match a path, with its parameters.
pub(crate) fn best<'a, T>(
    routes: impl Iterator<Item = (&'a T, Template)>,
    path: &str,
) -> Option<(&'a T, BTreeMap<String, String>)> {
    routes
        .filter_map(|(route, template)| {
            template.parameters(path).map(|found| (route, template, found))
        })
        .min_by(|(_, left, _), (_, right, _)| left.by_preference(right))
        .map(|(route, _, found)| (route, found))
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    let trimmed = path.strip_prefix('/').unwrap_or(path);
    trimmed.strip_suffix('/').unwrap_or(trimmed).split('/').filter(|part| !part.is_empty())
}

fn segment(part: &str) -> Segment {
    match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name.to_owned()),
            None => Segment::Parameter(name.to_owned()),
        },
        None => Segment::Literal(part.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(routes: &[&str], path: &str) -> Option<(String, BTreeMap<String, String>)> {
        best(routes.iter().map(|route| (route, Template::new(route))), path)
            .map(|(route, found)| ((*route).to_owned(), found))
    }

    fn name(routes: &[&str], path: &str) -> String {
        chosen(routes, path).map_or_else(|| "none".to_owned(), |(route, _)| route)
    }

    const ROUTES: &[&str] =
        &["/", "/photos", "/photos/{id}", "/photos/latest", "/photos/{id}/raw", "/{proxy+}"];

    #[test]
    fn the_most_specific_route_wins() {
        assert_eq!(name(ROUTES, "/"), "/");
        assert_eq!(name(ROUTES, ""), "/");
        assert_eq!(name(ROUTES, "/photos"), "/photos");
        assert_eq!(name(ROUTES, "/photos/"), "/photos");
        assert_eq!(name(ROUTES, "/photos/latest"), "/photos/latest");
        assert_eq!(name(ROUTES, "/photos/7"), "/photos/{id}");
        assert_eq!(name(ROUTES, "/photos/latest/raw"), "/photos/{id}/raw");
        assert_eq!(name(ROUTES, "/photos/7/other"), "/{proxy+}");
        assert_eq!(name(&["/photos"], "/films"), "none");
    }

    #[test]
    fn a_greedy_route_does_not_match_its_own_root() {
        assert_eq!(name(&["/api/{proxy+}"], "/api"), "none");
        assert_eq!(name(&["/api/{proxy+}", "/{all+}"], "/api"), "/{all+}");
    }

    #[test]
    fn parameters_are_taken_from_the_path() {
        let (_, found) = chosen(&["/photos/{id}/{rest+}"], "/photos/a%20b/x/y").unwrap();
        assert_eq!(found["id"], "a%20b");
        assert_eq!(found["rest"], "x/y");
    }
}
