//! Checks what a schedule is to do before it is written.

use jiff::tz::TimeZone;

use crate::cloud::Context;
use crate::services::apigateway::grammar::is_function;
use crate::services::iam::{Assume, Assumer, assume};
use crate::store::Tx;
use crate::wire::Refusal;

use super::check;
use super::expression::Expression;
use super::model::{Plan, Target, Window};
use super::refusals::{constraint, invalid};
use super::shelf::Shelf;

/// Checks everything about a plan that needs nothing else.
pub(crate) fn plan(plan: &Plan, now: i64) -> Result<(), Refusal> {
    check::length("scheduleExpression", &plan.schedule_expression, (1, 256))?;
    check::length("description", plan.description.as_deref().unwrap_or_default(), (0, 512))?;
    check::one_of("state", &plan.state, &["ENABLED", "DISABLED"])?;
    check::one_of("actionAfterCompletion", &plan.action_after_completion, &["NONE", "DELETE"])?;
    let Some(_) = Expression::parse(&plan.schedule_expression) else {
        return Err(invalid(format!("Invalid Schedule Expression {}.", plan.schedule_expression)));
    };
    check::length("scheduleExpressionTimezone", &plan.schedule_expression_timezone, (1, 50))?;
    if TimeZone::get(&plan.schedule_expression_timezone).is_err() {
        return Err(invalid(format!(
            "Invalid ScheduleExpressionTimezone {}.",
            plan.schedule_expression_timezone
        )));
    }
    dates(plan, now)?;
    window(&plan.flexible_time_window)?;
    target(&plan.target)
}

fn dates(plan: &Plan, now: i64) -> Result<(), Refusal> {
    // Five minutes of grace, as AWS gives.
    let earliest =
        std::time::Duration::from_secs(u64::try_from(now - 300).unwrap_or_default()).as_secs_f64();
    if plan.start_date.is_some_and(|start| start < earliest) {
        return Err(invalid("The StartDate you specify cannot be earlier than 5 minutes ago."));
    }
    match (plan.start_date, plan.end_date) {
        (Some(start), Some(end)) if end <= start => {
            Err(invalid("The EndDate you specify must come after the StartDate."))
        }
        _ => Ok(()),
    }
}

fn window(window: &Window) -> Result<(), Refusal> {
    check::one_of("flexibleTimeWindow.mode", &window.mode, &["OFF", "FLEXIBLE"])?;
    match (window.mode.as_str(), window.maximum_window_in_minutes) {
        ("FLEXIBLE", Some(minutes)) => {
            check::range("flexibleTimeWindow.maximumWindowInMinutes", minutes, (1, 1440))
        }
        ("FLEXIBLE", None) => Err(invalid(
            "A maximum time window must be provided when flexible time window mode is FLEXIBLE.",
        )),
        (_, Some(_)) => Err(invalid(
            "A maximum time window cannot be provided when flexible time window mode is OFF.",
        )),
        (_, None) => Ok(()),
    }
}

fn target(target: &Target) -> Result<(), Refusal> {
    check::length("target.arn", &target.arn, (1, 1600))?;
    check::length("target.roleArn", &target.role_arn, (1, 1600))?;
    if !is_function(&target.arn) {
        let service = target.arn.split(':').nth(2).unwrap_or_default();
        return Err(match (target.arn.starts_with("arn:"), service) {
            (true, "lambda" | "") | (false, _) => invalid("Provided Arn is not in correct format."),
            (true, other) => Refusal::not_modelled(&format!("schedules of the service {other}")),
        });
    }
    if !is_role(&target.role_arn) {
        let pattern = r"^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@\/-]+$";
        let what = format!("Member must satisfy regular expression pattern: {pattern}");
        return Err(constraint("target.roleArn", &what));
    }
    let json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if target.input.as_deref().is_some_and(|input| !json(input)) {
        return Err(invalid("Input must be a valid JSON."));
    }
    let retries = &target.retry_policy;
    let age = "target.retryPolicy.maximumEventAgeInSeconds";
    check::range(age, retries.maximum_event_age_in_seconds, (60, 86_400))?;
    check::range(
        "target.retryPolicy.maximumRetryAttempts",
        retries.maximum_retry_attempts,
        (0, 185),
    )
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, role] => {
            account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && role.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        }
        _ => false,
    }
}

/// Checks that the service may assume the role for schedules of a group.
///
/// The service names the group, not the schedule, as the source (Scheduler User Guide, "Confused deputy
/// prevention"). It says the same of a role that is new, not trusted or not there.
pub(crate) fn role(
    tx: &Tx,
    context: &Context<'_>,
    shelf: &Shelf,
    (role, group): (&str, &str),
) -> Result<(), Refusal> {
    let source = shelf.group_arn(group);
    let who = Assumer {
        service: "scheduler.amazonaws.com",
        account: &shelf.account,
        source: Some(&source),
        now: context.now,
        delay_ms: context.settings.role_to_scheduler_ms,
    };
    match assume(tx, role, &who)? {
        Assume::Yes => Ok(()),
        Assume::NotYet | Assume::NotTrusted | Assume::NoRole => Err(invalid(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        )),
    }
}
