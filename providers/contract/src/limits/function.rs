//! What a cloud accepts of a function, as data.

use super::Bounds;
use crate::TriggerType;

/// What a function has that asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Memory in mebibytes.
    pub memory_mib: u32,
    /// The timeout in seconds.
    pub timeout: u64,
    /// The size of `/tmp` in mebibytes.
    pub ephemeral_storage_mib: u32,
    /// Where the vendor says so.
    pub source: &'static str,
}

/// The longest a function may take that is called by a trigger of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriggerTimeout {
    /// The type of trigger.
    pub trigger: TriggerType,
    /// Seconds.
    pub most: u64,
    /// What waits, with its article.
    pub name: &'static str,
    /// Where the vendor says so.
    pub source: &'static str,
}

/// What environment variables may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The size of all of them together in bytes.
    pub bytes: Bounds,
    /// How that is measured.
    pub size: EnvironmentSize,
    /// How a name is formed.
    pub names: VariableForm,
    /// The names that the runtime keeps for itself.
    pub reserved: &'static [&'static str],
    /// What names start with that the runtime keeps for itself.
    pub reserved_prefixes: &'static [&'static str],
    /// Where the vendor lists them.
    pub reserved_source: &'static str,
}

/// How the size of environment variables is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentSize {
    /// All of them as one JSON object.
    Json,
    /// Names and values, and nothing between them.
    NamesAndValues,
}

/// How the name of an environment variable is formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableForm {
    /// A letter, then at least one more letter, digit or underscore.
    Word,
    /// Letters, digits and underscores, no digit first, told apart without regard to case.
    Setting,
    /// Anything but `=` and nothing.
    Any,
}

/// What functions are called in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameLimits {
    /// The number of characters.
    pub chars: Bounds,
    /// Characters that become others, after all letters became small.
    pub alike: &'static [(char, char)],
    /// What a trigger adds to a function's name to name something of its own.
    pub derived: &'static [(TriggerType, &'static str)],
}

/// How functions scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingLimits {
    /// Processors, where they can be chosen.
    pub cpu: Option<CpuLimits>,
    /// The requests one instance serves at once.
    pub instance_concurrency: Bounds,
    /// The instances kept warm.
    pub min_instances: Bounds,
    /// The most instances there may be.
    pub max_instances: Bounds,
}

/// How many processors a function may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuLimits {
    /// Parts of one processor, in thousandths.
    pub part_millis: Bounds,
    /// The whole numbers there are, least first, in thousandths, and the least memory in mebibytes
    /// that goes with each.
    pub whole: &'static [(u32, u32)],
    /// The least processor for memory above an amount: mebibytes and thousandths, least first.
    pub least: &'static [(u32, u32)],
    /// What the cloud gives where nothing is said: up to mebibytes of memory, thousandths.
    pub usual: &'static [(u32, u32)],
    /// The least, in thousandths, with which an instance serves more than one request at once.
    pub sharing_millis: u32,
    /// Where the vendor says so.
    pub source: &'static str,
}

impl CpuLimits {
    /// Returns what the cloud gives a function with this memory that asks for nothing.
    pub fn usual_for(&self, memory_mib: u32) -> u32 {
        let mut steps = self.usual.iter();
        let step = steps.find(|(upto, _)| memory_mib <= *upto);
        step.or(self.usual.last()).map_or(0, |(_, millis)| *millis)
    }

    /// Returns the least a function with this memory can have.
    pub fn least_for(&self, memory_mib: u32) -> u32 {
        let steps = self.least.iter().filter(|(above, _)| *above < memory_mib);
        steps.map(|(_, millis)| *millis).next_back().unwrap_or(0)
    }
}
