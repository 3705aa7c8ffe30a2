//! Judges requests to AWS: a function's by its role's policies, the caller's by the documents of the settings, both by
//! the policies of what they ask for.
//!
//! Source: IAM user guide, "Policy evaluation logic" and "Troubleshoot access denied error messages".

#![expect(clippy::unnecessary_wraps, reason = "every column of the table has one signature")]

mod gateway;
mod iam;
mod lambda;
mod logs;
mod principal;
mod refusals;
mod s3;
mod scheduler;
mod session;
mod sqs;
mod sts;
mod table;
mod tagging;

pub(crate) use principal::{Principal, caller_arn, principal};
pub(crate) use session::{Acting, Session, account_of};
pub(crate) use table::Asked;

use refusals::Why;

use crate::cloud::{Cloud, Context};
use crate::policy::{self, Ask, By, Effect, Keys, Kind, Policy, Verdict, verdict};
use crate::services::{Service, iam as roles, lambda as functions, s3 as buckets, sqs as queues};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Refuses a request that its sender may not make, where the settings say that it is asked.
pub(crate) fn admit(
    cloud: &Cloud,
    service: &Service,
    request: &Request,
) -> Result<Option<Judged>, Refusal> {
    let settings = &cloud.settings;
    if !settings.enforce_iam && settings.deployer.is_none() {
        return Ok(None);
    }
    cloud.transact(|tx, context| {
        let principal = principal(request, context.now);
        let Some(judged) = judged(tx, context, (&principal, request))? else {
            return Ok(None);
        };
        if principal == Principal::Unknown {
            return Err(refusals::unknown(service.dialect.protocol));
        }
        let asked = table::asked(request, tx)?.ok_or_else(|| {
            Refusal::not_modelled(&format!("the permissions of {}", request.action))
        })?;
        for one in &asked {
            if principal == Principal::Caller {
                context.asked.note("aws", &one.action, &one.resource);
            }
            if let Some(why) = judged.refuses(tx, context, one)? {
                return Err(refusals::denied(service, (&judged.arn, one, why)));
            }
        }
        Ok(Some(judged))
    })
}

/// Whom a request is judged as, and by what.
pub(crate) struct Judged {
    /// The ARN that refusals name.
    arn: String,
    /// The role's ARN, or the user's.
    identity: String,
    policies: Vec<Policy>,
    keys: Keys,
}

/// Whom the settings want judged; nobody else is.
fn judged(
    tx: &Tx,
    context: &Context<'_>,
    (principal, request): (&Principal, &Request),
) -> Result<Option<Judged>, Refusal> {
    let keys = principal::keys(request, principal, context.now);
    let (arn, identity, policies) = match (principal, context.deployer) {
        (Principal::Function(acting), _) if context.settings.enforce_iam => {
            let policies = roles::policies_of(tx, &acting.role)?.unwrap_or_default();
            (acting.arn(), acting.role.clone(), policies)
        }
        (Principal::Caller, Some(deployer)) => {
            let arn = caller_arn(&request.account, true);
            (arn.clone(), arn, documents(&deployer.aws))
        }
        (Principal::Unknown, _) => (String::new(), String::new(), Vec::new()),
        (Principal::Function(_), _) | (Principal::Caller, None) => return Ok(None),
    };
    Ok(Some(Judged { arn, identity, policies, keys }))
}

/// Policies as types; texts that are none were refused when they were given.
pub(crate) fn documents(texts: &[String]) -> Vec<Policy> {
    texts.iter().filter_map(|text| policy::parse(text, Kind::Identity).ok()).collect()
}

impl Judged {
    /// Why one action is refused, or nothing.
    fn refuses(
        &self,
        tx: &Tx,
        context: &Context<'_>,
        asked: &Asked,
    ) -> Result<Option<Why>, Refusal> {
        let mut keys = self.keys.clone();
        keys.merge(asked.keys.clone());
        let about = Ask {
            by: By::Arn(&self.identity),
            action: &asked.action,
            resource: Some(&asked.resource),
            keys,
        };
        let on = resource_policy(tx, context, &asked.resource)?;
        evaluable(self.policies.iter().chain(&on), &about)?;
        if verdict(&self.policies, &about) == Verdict::Denied {
            return Ok(Some(Why::DeniedByIdentity));
        }
        if verdict(&on, &about) == Verdict::Denied {
            return Ok(Some(Why::DeniedByResource));
        }
        let arns = [self.identity.as_str(), self.arn.as_str()];
        let named = Ask { by: By::Named(&arns), ..about.clone() };
        let allowed = verdict(&self.policies, &about) == Verdict::Allowed
            || on.iter().flat_map(|policy| &policy.statements).any(|statement| {
                let one = Policy { statements: vec![statement.clone()] };
                statement.effect == Effect::Allow && verdict([&one], &named) == Verdict::Allowed
            });
        Ok((!allowed).then_some(Why::NotAllowed))
    }

    /// Whether one action is allowed.
    pub(crate) fn may(
        &self,
        tx: &Tx,
        context: &Context<'_>,
        (action, resource): (&str, &str),
    ) -> Result<bool, Refusal> {
        let (action, resource) = (action.to_owned(), resource.to_owned());
        let asked = Asked { action, resource, keys: Keys::default() };
        Ok(self.refuses(tx, context, &asked)?.is_none())
    }

    /// What somebody is told who may not know whether an object is there: that it is denied, not that it is missing
    /// (S3 API reference, `GetObject`, "Permissions").
    pub(crate) fn hide(
        &self,
        cloud: &Cloud,
        request: &Request,
        outcome: Result<Reply, Refusal>,
    ) -> Result<Reply, Refusal> {
        let missing =
            |refusal: &Refusal| ["NoSuchKey", "NotFound"].contains(&refusal.code.as_str());
        let hides = ["GetObject", "HeadObject"].contains(&request.action.as_str());
        if !hides || request.service != "s3" || !outcome.as_ref().is_err_and(missing) {
            return outcome;
        }
        let bucket = s3::arn(request.label("Bucket"));
        let lists =
            cloud.transact(|tx, context| self.may(tx, context, ("s3:ListBucket", &bucket)))?;
        if lists { outcome } else { Err(refusals::hidden(&self.arn, &bucket)) }
    }
}

/// Refuses to guess: a condition about something that requests do not carry here, or one that cannot be tested.
fn evaluable<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    asked: &Ask<'_>,
) -> Result<(), Refusal> {
    for condition in policy::matching(policies, asked).flat_map(|one| &one.conditions) {
        let key = condition.key.as_str();
        let known = asked.keys.get(key).is_some()
            || principal::ABSENT.iter().any(|absent| absent.eq_ignore_ascii_case(key))
            || is_of_action(key, asked.action);
        if !known || !policy::is_tested(&condition.operator) {
            let what = format!("{} of {key} for {}", condition.operator, asked.action);
            return Err(Refusal::not_modelled(&what));
        }
    }
    Ok(())
}

/// The keys of services that are looked at: where a request lacks one, it lacks it for AWS, too.
const OWN: &[&str] = &[
    "aws:TagKeys",
    "iam:PassedToService",
    "iam:PolicyARN",
    "lambda:FunctionArn",
    "lambda:FunctionUrlAuthType",
    "lambda:Principal",
    "s3:delimiter",
    "s3:max-keys",
    "s3:prefix",
    "s3:VersionId",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-storage-class",
];

/// Whether requests for an action would carry a key if they had something to say.
fn is_of_action(key: &str, action: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let tag = key.starts_with("aws:requesttag/");
    let service = key.split(':').next().unwrap_or_default();
    let own = OWN.iter().any(|own| own.eq_ignore_ascii_case(&key));
    tag || (own && (service == "aws" || action.to_ascii_lowercase().starts_with(service)))
}

/// The policy of the resource itself, where it has one.
fn resource_policy(
    tx: &Tx,
    context: &Context<'_>,
    resource: &str,
) -> Result<Option<Policy>, Refusal> {
    let service = resource.split(':').nth(2).unwrap_or_default();
    Ok(match service {
        "s3" => {
            let rest = resource.rsplit(":::").next().unwrap_or_default();
            buckets::policy_of(tx, rest.split('/').next().unwrap_or_default())?
        }
        "sqs" => queues::policy_of(tx, context, resource)?,
        "lambda" => functions::policy_of(tx, resource)?,
        _ => None,
    })
}
