//! Resources: as wanted, and as found.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::name::hex;
use crate::{Fields, Kind, Known, Origin};

/// The address of a resource within one scope; it survives replacement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// What it is.
    pub kind: Kind,
    /// Which one it is: a logical name such as `resize`, or `resize.schedule[0]`.
    pub name: String,
}

/// A resource that the app needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its address.
    pub id: ResourceId,
    /// Its configuration. The references inside are the only dependency edges there are.
    pub fields: Fields,
    /// Outputs that are known before it exists, because its name is: its ARN, for one.
    pub outputs: BTreeMap<&'static str, String>,
    /// Why it is needed.
    pub origin: Origin,
}

/// A resource that exists in the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its address, read back from its mark.
    pub id: ResourceId,
    /// Its configuration, normalised so that `==` with what is wanted is the whole comparison.
    pub fields: Known,
    /// What other resources may refer to, such as its ARN.
    pub outputs: BTreeMap<&'static str, String>,
    /// Changes whenever the resource does.
    pub version: Version,
    /// Who put it there.
    pub owner: Owner,
    /// The data that would be lost with it, for people, such as "objects"; `None` where it is
    /// empty or of a kind that holds none. Deleting it then needs consent.
    pub holds: Option<String>,
}

/// An etag, a generation, a revision id, or a digest of the fields where a cloud has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub String);

impl Version {
    /// Digests a configuration, for kinds that the cloud keeps no version of.
    ///
    /// The digest is one-way and never leaves the process, so secrets inside do no harm.
    pub fn of(fields: &Known) -> Self {
        let digest = Sha256::digest(fields.fingerprint().as_bytes());
        Self(hex(&digest))
    }
}

/// Whether a live resource carries this scope's mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It carries this scope's mark.
    Us,
    /// It carries another mark or none. Holds what is known of the owner, for people:
    /// "no Updraft tags", or "project shop, stage prod".
    Other(String),
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.0, self.name)
    }
}
