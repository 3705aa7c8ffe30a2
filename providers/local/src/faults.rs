//! The fault plan: which requests go wrong, and how. Counts requests; knows nothing of services.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong while it is in force. Counting starts when the plan is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct FaultPlan {
    /// The faults; the first that matches a request is played.
    pub faults: Vec<Fault>,
    /// Every request after this many finds the network gone: the connection is dropped, nothing is done.
    pub stop_after: Option<u64>,
}

/// One fault and the requests it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fault {
    /// Only requests to this service (`lambda`).
    #[serde(default)]
    pub service: Option<String>,
    /// Only requests for this operation (`CreateFunction`).
    #[serde(default)]
    pub operation: Option<String>,
    /// Only the request that is this many-th of all since the plan was set, from 1.
    #[serde(default)]
    pub at: Option<u64>,
    /// Only from the this many-th matching request on, from 1.
    #[serde(default)]
    pub nth: Option<u64>,
    /// On how many matching requests it is played; once if not said.
    #[serde(default)]
    pub times: Option<u64>,
    /// What happens.
    pub kind: FaultKind,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultKind {
    /// It is not handled; this error is answered.
    Fail {
        /// The HTTP status.
        status: u16,
        /// The error code.
        code: String,
        /// The error message.
        #[serde(default)]
        message: String,
    },
    /// It is not handled; the service's own throttling error is answered.
    Throttle {
        /// The value of the `Retry-After` header.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// It is handled after this delay.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// It is not handled; the connection is dropped.
    Drop,
    /// It is handled and what it did stands; the connection is dropped instead of an answer.
    Lose,
    /// The connection is dropped at once; it is handled after this delay.
    Late {
        /// Milliseconds.
        ms: u64,
    },
}

impl FaultKind {
    /// Its name as a plan writes it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Fail { .. } => "fail",
            Self::Throttle { .. } => "throttle",
            Self::Delay { .. } => "delay",
            Self::Drop => "drop",
            Self::Lose => "lose",
            Self::Late { .. } => "late",
        }
    }
}

impl FaultPlan {
    /// A plan in which nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// A plan in which the network is gone after `calls` requests.
    pub fn stop_after(calls: u64) -> Self {
        Self { stop_after: Some(calls), ..Self::default() }
    }

    /// A plan in which `kind` happens to the `call`-th request.
    pub fn at(call: u64, kind: FaultKind) -> Self {
        let fault =
            Fault { service: None, operation: None, at: Some(call), nth: None, times: None, kind };
        Self { faults: vec![fault], ..Self::default() }
    }

    /// A plan in which `kind` happens to the first request for `operation` of `service`.
    pub fn on(service: &str, operation: &str, kind: FaultKind) -> Self {
        let fault = Fault {
            service: Some(service.to_owned()),
            operation: Some(operation.to_owned()),
            at: None,
            nth: None,
            times: None,
            kind,
        };
        Self { faults: vec![fault], ..Self::default() }
    }
}

/// The plan in force and what it has seen so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    plan: FaultPlan,
    seen: u64,
    matched: Vec<u64>,
}

impl Faults {
    /// Starts over with `plan`.
    pub(crate) fn set(&self, plan: FaultPlan) {
        let matched = vec![0; plan.faults.len()];
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) =
            State { plan, seen: 0, matched };
    }

    /// Counts one request and returns what goes wrong with it.
    pub(crate) fn judge(&self, service: &str, operation: &str) -> Option<FaultKind> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seen += 1;
        let State { plan, seen, matched } = &mut *state;
        if plan.stop_after.is_some_and(|last| *seen > last) {
            return Some(FaultKind::Drop);
        }
        let mut verdict = None;
        for (fault, count) in plan.faults.iter().zip(matched) {
            if !fault.is_for(service, operation, *seen) {
                continue;
            }
            *count += 1;
            let first = fault.nth.unwrap_or(1);
            let due = *count >= first && *count - first < fault.times.unwrap_or(1);
            if due && verdict.is_none() {
                verdict = Some(fault.kind.clone());
            }
        }
        verdict
    }
}

impl Fault {
    fn is_for(&self, service: &str, operation: &str, seen: u64) -> bool {
        self.service.as_deref().is_none_or(|wanted| wanted == service)
            && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.at.is_none_or(|wanted| wanted == seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_played_on_the_calls_it_names_and_no_others() {
        let faults = Faults::default();
        let mut plan = FaultPlan::on("iam", "GetRole", FaultKind::Drop);
        plan.faults[0].nth = Some(2);
        plan.faults[0].times = Some(2);
        faults.set(plan);
        let verdicts: Vec<bool> =
            (0..5).map(|_| faults.judge("iam", "GetRole").is_some()).collect();
        assert_eq!(verdicts, [false, true, true, false, false]);
        assert_eq!(faults.judge("lambda", "GetRole"), None);
    }

    #[test]
    fn a_plan_is_read_as_it_is_written() {
        let text = r#"{"faults": [
            {"service": "lambda", "operation": "CreateFunction", "nth": 2, "times": 3,
             "kind": {"do": "fail", "status": 503, "code": "ServiceException"}},
            {"at": 7, "kind": {"do": "throttle", "retry_after": "1"}},
            {"kind": {"do": "lose"}}], "stop-after": 9}"#;
        let plan: FaultPlan = serde_json::from_str(text).unwrap();
        assert_eq!((plan.faults.len(), plan.stop_after), (3, Some(9)));
        assert_eq!(plan.faults[2].kind, FaultKind::Lose);
        let again = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<FaultPlan>(&again).unwrap(), plan);
        assert!(
            serde_json::from_str::<FaultPlan>(r#"{"faults": [{"kind": {"do": "melt"}}]}"#).is_err()
        );
    }

    #[test]
    fn after_the_last_call_the_network_is_gone() {
        let faults = Faults::default();
        faults.set(FaultPlan::stop_after(1));
        assert_eq!(faults.judge("sts", "GetCallerIdentity"), None);
        assert_eq!(faults.judge("sts", "GetCallerIdentity"), Some(FaultKind::Drop));
    }
}
