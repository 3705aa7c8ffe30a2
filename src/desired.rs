//! Puts wanted resources into dependency order, or says why there is none.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{OutputRef, Outputs, Resource, ResourceId};

/// Wanted resources, each after everything it refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desired(Vec<Resource>);

/// Why wanted resources have no dependency order. Always a provider's bug, never a user's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Two resources share an address.
    #[error("{0} is wanted twice")]
    Duplicate(ResourceId),
    /// A reference leads nowhere.
    #[error("{0} refers to {1}, which nothing provides")]
    Dangling(ResourceId, OutputRef),
    /// Resources wait for each other.
    #[error("{0} waits for itself")]
    Cycle(ResourceId),
}

impl Desired {
    /// Orders `resources` by dependency, and by address where dependency leaves a choice.
    pub fn arrange(resources: Vec<Resource>) -> Result<Self, Malformed> {
        let mut waiting = BTreeMap::new();
        for resource in resources {
            let id = resource.id.clone();
            if waiting.insert(id.clone(), resource).is_some() {
                return Err(Malformed::Duplicate(id));
            }
        }
        let mut graph = Graph::of(&waiting)?;
        let mut ordered = Vec::with_capacity(waiting.len());
        while let Some(next) = graph.take_ready() {
            ordered.extend(waiting.remove(&next));
        }
        match waiting.into_keys().next() {
            Some(stuck) => Err(Malformed::Cycle(stuck)),
            None => Ok(Self(ordered)),
        }
    }

    /// Iterates in dependency order.
    pub fn iter(&self) -> std::slice::Iter<'_, Resource> {
        self.0.iter()
    }

    /// Returns every address, to ask a provider what stands there.
    pub fn ids(&self) -> Vec<ResourceId> {
        self.iter().map(|resource| resource.id.clone()).collect()
    }

    /// Returns the outputs that are known before anything exists, because names are.
    pub fn predicted(&self) -> Outputs {
        let mut known = Outputs::default();
        for resource in self {
            known.record(resource.id.clone(), resource.outputs.clone());
        }
        known
    }
}

impl<'d> IntoIterator for &'d Desired {
    type Item = &'d Resource;
    type IntoIter = std::slice::Iter<'d, Resource>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Returns the addresses that a resource's configuration refers to.
pub(crate) fn needs(resource: &Resource) -> BTreeSet<ResourceId> {
    resource.fields.refs().into_iter().map(|wanted| wanted.of.clone()).collect()
}

/// What still waits for what.
struct Graph {
    ready: BTreeSet<ResourceId>,
    open: BTreeMap<ResourceId, usize>,
    users: BTreeMap<ResourceId, Vec<ResourceId>>,
}

impl Graph {
    fn of(resources: &BTreeMap<ResourceId, Resource>) -> Result<Self, Malformed> {
        let mut graph =
            Graph { ready: BTreeSet::new(), open: BTreeMap::new(), users: BTreeMap::new() };
        for (id, resource) in resources {
            for wanted in resource.fields.refs() {
                if !resources.contains_key(&wanted.of) {
                    return Err(Malformed::Dangling(id.clone(), wanted.clone()));
                }
            }
            let needs = needs(resource);
            if needs.is_empty() {
                graph.ready.insert(id.clone());
            }
            graph.open.insert(id.clone(), needs.len());
            for needed in needs {
                graph.users.entry(needed).or_default().push(id.clone());
            }
        }
        Ok(graph)
    }

    /// Takes the first resource that waits for nothing, and releases those that waited for it.
    fn take_ready(&mut self) -> Option<ResourceId> {
        let next = self.ready.pop_first()?;
        for user in self.users.remove(&next).unwrap_or_default() {
            if let Some(open) = self.open.get_mut(&user) {
                *open -= 1;
                if *open == 0 {
                    self.ready.insert(user);
                }
            }
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use updraft_contract::{Fields, Kind, Origin, Resource, ResourceId, Value};

    use super::{Desired, Malformed};

    fn id(name: &str) -> ResourceId {
        ResourceId { kind: Kind("test.thing"), name: name.to_owned() }
    }

    fn thing(name: &str, refers_to: &[&str]) -> Resource {
        let refs = refers_to.iter().map(|to| Value::output(&id(to), "arn")).collect();
        Resource {
            id: id(name),
            fields: Fields::new([("refs", Value::List(refs))]),
            outputs: BTreeMap::new(),
            origin: Origin { path: format!("thing.{name}"), line: 1 },
        }
    }

    fn order(resources: Vec<Resource>) -> Result<Vec<String>, Malformed> {
        Ok(Desired::arrange(resources)?.iter().map(|r| r.id.name.clone()).collect())
    }

    #[test]
    fn a_resource_comes_after_what_it_refers_to() {
        let resources = vec![thing("a", &["c"]), thing("b", &[]), thing("c", &["b", "b"])];
        assert_eq!(order(resources).unwrap(), ["b", "c", "a"]);
    }

    #[test]
    fn address_decides_where_dependency_does_not() {
        let resources = vec![thing("z", &[]), thing("a", &[]), thing("m", &[])];
        assert_eq!(order(resources).unwrap(), ["a", "m", "z"]);
    }

    #[test]
    fn what_cannot_be_ordered_is_named() {
        assert!(matches!(order(vec![thing("a", &["a"])]), Err(Malformed::Cycle(_))));
        assert!(matches!(order(vec![thing("a", &["b"])]), Err(Malformed::Dangling(..))));
        assert!(matches!(
            order(vec![thing("a", &[]), thing("a", &[])]),
            Err(Malformed::Duplicate(_))
        ));
    }
}
