//! `EventBridge` Scheduler.

use super::table::{Row, Seen, anything};
use crate::policy::Keys;
use crate::store::StoreError;

/// What its operations ask. Deleting a group deletes its schedules, and asks for both.
pub(super) const ROWS: &[Row] = &[
    Row::new(&["CreateSchedule"], "scheduler:CreateSchedule", schedule),
    Row::new(&["UpdateSchedule"], "scheduler:UpdateSchedule", schedule),
    Row::new(&["CreateSchedule", "UpdateSchedule"], "iam:PassRole", role).with(passed),
    Row::new(&["GetSchedule"], "scheduler:GetSchedule", schedule),
    Row::new(&["DeleteSchedule"], "scheduler:DeleteSchedule", schedule),
    Row::new(&["ListSchedules"], "scheduler:ListSchedules", anything),
    Row::new(&["CreateScheduleGroup"], "scheduler:CreateScheduleGroup", group).with(tags),
    Row::new(&["CreateScheduleGroup"], "scheduler:TagResource", tagged).with(tags),
    Row::new(&["GetScheduleGroup"], "scheduler:GetScheduleGroup", group),
    Row::new(&["DeleteScheduleGroup"], "scheduler:DeleteScheduleGroup", group),
    Row::new(&["DeleteScheduleGroup"], "scheduler:DeleteSchedule", members),
    Row::new(&["ListScheduleGroups"], "scheduler:ListScheduleGroups", anything),
    Row::new(&["TagResource"], "scheduler:TagResource", labelled).with(tags),
    Row::new(&["UntagResource"], "scheduler:UntagResource", labelled),
    Row::new(&["ListTagsForResource"], "scheduler:ListTagsForResource", labelled),
];

fn schedule(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let sent = seen.text("GroupName");
    let asked = seen.request.query("groupName").unwrap_or_default();
    let group = [sent, asked].into_iter().find(|group| !group.is_empty()).unwrap_or("default");
    let name = seen.request.label("Name");
    Ok(vec![seen.arn("scheduler", &format!("schedule/{group}/{name}"))])
}

fn group(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let name = seen.request.label("Name");
    Ok(vec![seen.arn("scheduler", &format!("schedule-group/{name}"))])
}

fn members(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let name = seen.request.label("Name");
    Ok(vec![seen.arn("scheduler", &format!("schedule/{name}/*"))])
}

fn tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    if seen.has_tags("Tags") { group(seen) } else { Ok(Vec::new()) }
}

fn labelled(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec![seen.request.label("ResourceArn").to_owned()])
}

fn tags(seen: &Seen<'_>) -> Keys {
    seen.tags("Tags")
}

fn role(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let target = seen.value("Target").and_then(|target| target.get("RoleArn"));
    Ok(target.and_then(serde_json::Value::as_str).map(str::to_owned).into_iter().collect())
}

fn passed(_: &Seen<'_>) -> Keys {
    Keys::of([("iam:PassedToService", "scheduler.amazonaws.com")])
}
