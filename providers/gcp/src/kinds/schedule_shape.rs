//! Jobs in the shapes that Cloud Scheduler sends and receives.

use std::collections::BTreeSet;

use google_cloud_scheduler_v1::model::http_target::AuthorizationHeader;
use google_cloud_scheduler_v1::model::job::Target;
use google_cloud_scheduler_v1::model::{HttpMethod, HttpTarget, Job, OidcToken, RetryConfig};
use google_cloud_wkt::Duration;
use updraft_contract::{Fields, Known, Live, ResourceId, Scope, Value, Version};
use updraft_transport::known;

use crate::kind::Found;
use crate::marks;
use crate::survey::region_of;

/// The header that Cloud Scheduler adds by itself.
const USER_AGENT: &str = "User-Agent";

/// Returns the job to send, without its name.
pub(super) fn job_of(scope: &Scope, id: &ResourceId, body: &Known, nonce: &str) -> Job {
    let text = |field: &str| body.text(field).unwrap_or_default().to_owned();
    let retries = body.int("retries").and_then(|count| i32::try_from(count).ok());
    let token =
        OidcToken::new().set_service_account_email(text("identity")).set_audience(text("audience"));
    let target = HttpTarget::new()
        .set_uri(text("uri"))
        .set_http_method(HttpMethod::from(text("method").as_str()))
        .set_headers(marks::wanted(body.get("headers")))
        .set_body(bytes::Bytes::from(text("input")))
        .set_oidc_token(token);
    Job::new()
        .set_description(marks::line(scope, id, nonce, &BTreeSet::new()))
        .set_schedule(text("schedule"))
        .set_time_zone(text("timezone"))
        .set_attempt_deadline(Duration::clamp(body.int("deadline").unwrap_or_default(), 0))
        .set_retry_config(RetryConfig::new().set_retry_count(retries.unwrap_or_default()))
        .set_http_target(target)
}

/// Returns a job as the core sees it.
pub(super) fn found(scope: &Scope, id: &ResourceId, job: &Job) -> Found {
    let fields = fields(job);
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner_by_line(scope, id, &job.description),
        version: Version::of(&fields),
        outputs: [("name", job.name.clone())].into(),
        fields,
    };
    Found { live, nonce: marks::read(&job.description).and_then(|line| line.nonce) }
}

fn fields(job: &Job) -> Known {
    let seconds = job.attempt_deadline.as_ref().map(Duration::seconds);
    let retries = job.retry_config.as_ref().map_or(0, |retry| retry.retry_count);
    let mut fields = Fields::new([
        ("region", Value::from(region_of(&job.name).unwrap_or_default())),
        ("schedule", Value::from(job.schedule.as_str())),
        ("timezone", Value::from(job.time_zone.as_str())),
        ("deadline", Value::Int(seconds.unwrap_or_default())),
        ("retries", Value::Int(i64::from(retries))),
        ("state", Value::from(job.state.name().unwrap_or("UNKNOWN"))),
    ]);
    match &job.target {
        Some(Target::HttpTarget(target)) => add_target(&mut fields, target),
        Some(_) | None => fields.set("uri", "not over HTTP"),
    }
    known(fields)
}

fn add_target(fields: &mut Fields, target: &HttpTarget) {
    fields.set("uri", target.uri.as_str());
    fields.set("method", target.http_method.name().unwrap_or("UNKNOWN"));
    fields.set("input", String::from_utf8_lossy(&target.body).into_owned());
    let headers = target.headers.iter().filter(|(name, _)| *name != USER_AGENT);
    let headers = headers.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    fields.set("headers", Value::map(headers));
    if let Some(AuthorizationHeader::OidcToken(token)) = &target.authorization_header {
        fields.set("identity", token.service_account_email.as_str());
        fields.set("audience", token.audience.as_str());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use google_cloud_scheduler_v1::model::job::State;
    use updraft_contract::{Outputs, Owner, Schedule};

    use super::{found, job_of};
    use crate::kinds::function::tests::function;
    use crate::kinds::schedule::{SPEC, lower};
    use crate::marks::tests::scope;
    use crate::place::tests::place;
    use crate::triggers::Timer;

    #[test]
    fn a_job_that_is_sent_reads_back_as_it_was_wanted() {
        let (place, api) = (place(), function("api"));
        let schedule = Schedule::Rate(Duration::from_mins(5));
        let timer = Timer {
            function: &api,
            index: 0,
            schedule: &schedule,
            input: Some("{\"full\":true}"),
            origin: &api.origin,
        };
        let wanted = lower(place.names("shop", "dev"), &[timer]).remove(0);
        assert_eq!(wanted.id.name, "api.schedule[0]");
        let name = wanted.outputs.get("name").unwrap();
        assert!(name.ends_with("/locations/europe-west1/jobs/shop-dev-api-schedule-0"), "{name}");
        let mut outputs = Outputs::default();
        for reference in wanted.fields.refs() {
            let text = format!("https://{}", reference.name);
            outputs.record(reference.of.clone(), BTreeMap::from([(reference.name, text)]));
        }
        let body = wanted.fields.resolve(&outputs).unwrap();
        assert_eq!(body.text("uri"), Some("https://uri/"));
        assert_eq!(body.text("audience"), Some("https://uri"));
        let job =
            job_of(&scope(), &wanted.id, &body, "abc").set_name(name).set_state(State::Enabled);
        let back = found(&scope(), &wanted.id, &job);
        assert_eq!((back.live.owner, back.nonce.as_deref()), (Owner::Us, Some("abc")));
        let compared = SPEC.fields.iter().map(|field| field.name);
        let mut differ = compared.filter(|name| body.get(name) != back.live.fields.get(name));
        assert_eq!(differ.next(), None);
    }
}
