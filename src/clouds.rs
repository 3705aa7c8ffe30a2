//! The clouds of one app, each behind its provider. Nothing after this asks which cloud it is.

use updraft_contract::{Cloud, Kind, KindSpec, Provider};

/// The clouds that a run works on.
///
/// References never cross clouds, so their changes make one plan; only reading and carrying out
/// are done by each cloud's own provider.
pub struct Clouds<'c> {
    providers: Vec<&'c dyn Provider>,
    kinds: Vec<KindSpec>,
}

impl<'c> Clouds<'c> {
    /// Gathers providers, each of another cloud.
    pub fn of(providers: impl IntoIterator<Item = &'c dyn Provider>) -> Self {
        let providers: Vec<_> = providers.into_iter().collect();
        let kinds = providers.iter().flat_map(|provider| provider.kinds()).copied().collect();
        Self { providers, kinds }
    }

    /// Returns the providers, in the order they are shown.
    pub fn providers(&self) -> &[&'c dyn Provider] {
        &self.providers
    }

    /// Returns the kinds of every cloud.
    pub fn kinds(&self) -> &[KindSpec] {
        &self.kinds
    }

    /// Returns the provider that has resources of `kind`.
    pub fn that_has(&self, kind: Kind) -> Option<&'c dyn Provider> {
        let has = |provider: &&&dyn Provider| provider.kinds().iter().any(|spec| spec.kind == kind);
        self.providers.iter().find(has).copied()
    }

    /// Returns the provider of `cloud`.
    pub fn on(&self, cloud: Cloud) -> Option<&'c dyn Provider> {
        self.providers.iter().find(|provider| provider.cloud() == cloud).copied()
    }

    /// Returns where the clouds are worked in, for people.
    pub fn places(&self) -> String {
        let places: Vec<String> = self.providers.iter().map(|provider| provider.place()).collect();
        places.join("; ")
    }
}
