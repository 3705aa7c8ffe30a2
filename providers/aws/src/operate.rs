//! Calling a deployed function and reading its log.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use updraft_contract::{CloudError, Invocation, LogLine, LogPage, Operate, Scope};
use updraft_transport::pages;

use crate::client::patient;
use crate::errors::absent;
use crate::provider::Aws;

/// The longest a function may take, with room for the answer (Lambda quotas: 15 minutes).
const LONGEST: Duration = Duration::from_secs(15 * 60 + 30);

#[async_trait]
impl Operate for Aws {
    async fn invoke(
        &self,
        scope: &Scope,
        function: &str,
        payload: &[u8],
    ) -> Result<Invocation, CloudError> {
        let name = self.cloud.place.names_in(scope).physical(function);
        let answer = self
            .cloud
            .once("lambda:InvokeFunction", |api| {
                let call = api.lambda.invoke().function_name(&name).log_type(LogType::Tail);
                let call = call.payload(Blob::new(payload)).customize();
                call.config_override(patient(LONGEST)).send()
            })
            .await?;
        let tail = answer.log_result().and_then(|tail| STANDARD.decode(tail).ok());
        Ok(Invocation {
            payload: answer.payload().map(|blob| blob.as_ref().to_vec()).unwrap_or_default(),
            error: answer.function_error().map(str::to_owned),
            log_tail: tail.map(|tail| String::from_utf8_lossy(&tail).into_owned()),
        })
    }

    async fn logs(&self, scope: &Scope, function: &str, since: i64) -> Result<LogPage, CloudError> {
        let group = self.cloud.place.names_in(scope).log_group(function);
        let events = pages("logs:FilterLogEvents", |token| {
            let group = &group;
            async move {
                let answer = self
                    .cloud
                    .safe("logs:FilterLogEvents", |api| {
                        let call = api.logs.filter_log_events().log_group_name(group);
                        call.start_time(since).set_next_token(token.clone()).send()
                    })
                    .await;
                // No log group yet means that nothing was logged yet.
                Ok::<_, CloudError>(match absent(answer)? {
                    Some(answer) => (answer.events.unwrap_or_default(), answer.next_token),
                    None => (Vec::new(), None),
                })
            }
        })
        .await?;
        let mut lines: Vec<LogLine> = events
            .into_iter()
            .map(|event| LogLine {
                id: event.event_id.unwrap_or_default(),
                at: event.timestamp.unwrap_or_default(),
                text: event.message.unwrap_or_default().trim_end_matches('\n').to_owned(),
            })
            .collect();
        lines.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(LogPage { lines })
    }
}
