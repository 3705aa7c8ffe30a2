//! Token buckets with the published request rates. Off unless the settings say so.
//!
//! Sources: Lambda quotas (developer guide, "Lambda quotas"), API Gateway quotas ("Amazon API Gateway quotas"),
//! Scheduler quotas; of Google, the quota pages of Cloud Functions, IAM, Resource Manager and Cloud Scheduler.
//! AWS's IAM, STS and tagging API publish no numbers; they are not limited here.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::Moment;

/// A published rate and the operations that share it.
struct Bucket {
    services: &'static [&'static str],
    /// The operations that draw from it; empty for all but `except`.
    only: &'static [&'static str],
    except: &'static [&'static str],
    per_second: f64,
    burst: f64,
}

const GATEWAYS: &[&str] = &["apigateway", "apigatewayv2"];

const BUCKETS: &[Bucket] = &[
    Bucket {
        services: &["lambda"],
        only: &["GetFunction"],
        except: &[],
        per_second: 100.0,
        burst: 100.0,
    },
    Bucket {
        services: &["lambda"],
        only: &["GetPolicy"],
        except: &[],
        per_second: 15.0,
        burst: 15.0,
    },
    Bucket {
        services: &["lambda"],
        only: &[],
        except: &["GetFunction", "GetPolicy", "Invoke", "InvokeWithResponseStream"],
        per_second: 15.0,
        burst: 15.0,
    },
    Bucket { services: GATEWAYS, only: &[], except: &[], per_second: 10.0, burst: 40.0 },
    Bucket {
        services: GATEWAYS,
        only: &["CreateRestApi"],
        except: &[],
        per_second: 1.0 / 3.0,
        burst: 1.0,
    },
    Bucket {
        services: GATEWAYS,
        only: &["DeleteRestApi"],
        except: &[],
        per_second: 1.0 / 30.0,
        burst: 1.0,
    },
    Bucket {
        services: &["apigateway"],
        only: &["CreateDeployment"],
        except: &[],
        per_second: 0.2,
        burst: 1.0,
    },
    Bucket {
        services: &["apigateway"],
        only: &["CreateResource", "DeleteResource"],
        except: &[],
        per_second: 5.0,
        burst: 5.0,
    },
    Bucket {
        services: &["apigateway"],
        only: &["GetResources"],
        except: &[],
        per_second: 2.5,
        burst: 5.0,
    },
    Bucket {
        services: &["scheduler"],
        only: &["CreateScheduleGroup", "DeleteScheduleGroup"],
        except: &[],
        per_second: 10.0,
        burst: 10.0,
    },
    // Google counts per minute.
    Bucket {
        services: &["functions"],
        only: &["CreateFunction", "UpdateFunction", "DeleteFunction"],
        except: &[],
        per_second: 1.0,
        burst: 60.0,
    },
    Bucket {
        services: &["functions"],
        only: &["GetFunction", "ListFunctions", "GetOperation", "ListRuntimes"],
        except: &[],
        per_second: 20.0,
        burst: 1200.0,
    },
    Bucket {
        services: &["iam"],
        only: &["CreateServiceAccount", "PatchServiceAccount", "DeleteServiceAccount"],
        except: &[],
        per_second: 10.0,
        burst: 600.0,
    },
    Bucket { services: &["projects"], only: &[], except: &[], per_second: 10.0, burst: 600.0 },
    Bucket {
        services: &["scheduler"],
        only: &["CreateJob", "UpdateJob", "DeleteJob", "PauseJob", "ResumeJob", "RunJob"],
        except: &[],
        per_second: 500.0 / 60.0,
        burst: 500.0,
    },
];

impl Bucket {
    fn holds(&self, service: &str, operation: &str) -> bool {
        self.services.contains(&service)
            && (self.only.is_empty() || self.only.contains(&operation))
            && !self.except.contains(&operation)
    }
}

/// The tokens left, per bucket, account and region.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    levels: Mutex<BTreeMap<(usize, String, String), Level>>,
    /// Of buckets that are not in the table, by their names.
    own: Mutex<BTreeMap<String, Level>>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    tokens: f64,
    at: Moment,
}

/// A bucket that is not in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// How many tokens come back each second.
    pub(crate) per_second: f64,
    /// How many there are at most.
    pub(crate) burst: f64,
}

/// Who calls, from where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    /// The account.
    pub(crate) account: &'a str,
    /// The region.
    pub(crate) region: &'a str,
}

impl Limits {
    /// Takes a token from every bucket of the operation; `false`, taking none, if one is empty.
    pub(crate) fn admit(
        &self,
        service: &str,
        operation: &str,
        caller: Caller<'_>,
        now: Moment,
    ) -> bool {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let mut after = Vec::new();
        for (index, bucket) in BUCKETS.iter().enumerate() {
            if !bucket.holds(service, operation) {
                continue;
            }
            let key = (index, caller.account.to_owned(), caller.region.to_owned());
            let level =
                levels.get(&key).copied().unwrap_or(Level { tokens: bucket.burst, at: now });
            let tokens = (now.epoch() - level.at.epoch())
                .max(0.0)
                .mul_add(bucket.per_second, level.tokens)
                .min(bucket.burst);
            if tokens < 1.0 {
                return false;
            }
            after.push((key, Level { tokens: tokens - 1.0, at: now }));
        }
        levels.extend(after);
        true
    }
}

impl Limits {
    /// Takes a token from the bucket `name`; returns how many are left, or nothing if it was empty.
    pub(crate) fn draw(&self, name: &str, rate: Rate, now: Moment) -> Option<f64> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let level = own.get(name).copied().unwrap_or(Level { tokens: rate.burst, at: now });
        let tokens = (now.epoch() - level.at.epoch())
            .max(0.0)
            .mul_add(rate.per_second, level.tokens)
            .min(rate.burst);
        if tokens < 1.0 {
            return None;
        }
        own.insert(name.to_owned(), Level { tokens: tokens - 1.0, at: now });
        Some(tokens - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limits = Limits::default();
        let caller = Caller { account: "1", region: "r" };
        let start = Moment::from_millis(1_000_000);
        let admitted = |at| limits.admit("lambda", "GetPolicy", caller, at);
        assert_eq!((0..20).filter(|_| admitted(start)).count(), 15);
        assert!(admitted(start.plus(100)));
        assert!(!admitted(start.plus(100)));
        assert!(limits.admit("lambda", "Invoke", caller, start), "invocations draw from no bucket");
        assert!(limits.admit("apigateway", "CreateRestApi", caller, start));
        assert!(!limits.admit("apigateway", "CreateRestApi", caller, start.plus(1000)));
        assert!(limits.admit("apigateway", "GetRestApi", caller, start.plus(1000)));
    }
}
