//! Which actions there are.

use crate::{Level, data};

/// The actions that are known to exist.
///
/// A policy's wildcards are told apart by these; what they cover beyond is reported once, as a
/// pattern.
pub trait Universe {
    /// Every known action as AWS writes it, such as `s3:GetObject`.
    fn actions(&self) -> Box<dyn Iterator<Item = &str> + '_>;

    /// Those of one service, whose prefix is in lower case.
    fn of_service(&self, service: &str) -> Vec<&str> {
        let own = |action: &&str| {
            action.split_once(':').is_some_and(|(own, _)| own.eq_ignore_ascii_case(service))
        };
        self.actions().filter(own).collect()
    }

    /// Whether there is such an action, in whatever case it is written.
    fn has(&self, action: &str) -> bool {
        self.actions().any(|own| own.eq_ignore_ascii_case(action))
    }

    /// The kind of access an action is, where that is known.
    fn level(&self, action: &str) -> Option<Level>;
}

/// The actions of AWS's service authorization reference, as they came with this program.
#[derive(Clone, Copy, Debug)]
pub struct Reference;

impl Universe for Reference {
    fn actions(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(data::actions().map(|action| action.name.as_str()))
    }

    fn of_service(&self, service: &str) -> Vec<&str> {
        data::matching(&format!("{service}:*")).iter().map(|action| action.name.as_str()).collect()
    }

    fn has(&self, action: &str) -> bool {
        data::action(action).is_some()
    }

    fn level(&self, action: &str) -> Option<Level> {
        data::action(action).map(|action| action.level)
    }
}

/// A list of actions, for tests.
impl Universe for &[&str] {
    fn actions(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.iter().copied())
    }

    fn level(&self, _action: &str) -> Option<Level> {
        None
    }
}
