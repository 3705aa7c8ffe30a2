//! Calling a deployed function and reading its log.

use async_trait::async_trait;
use updraft_contract::{CloudError, Invocation, LogPage, Operate, Scope};

use crate::errors::Failure;
use crate::provider::Azure;

#[async_trait]
impl Operate for Azure {
    async fn invoke(&self, _: &Scope, function: &str, _: &[u8]) -> Result<Invocation, CloudError> {
        let message = format!("there is no function {function} to call");
        Err(Failure::refused("invoke", "NotFound", message).into())
    }

    async fn logs(&self, _: &Scope, _: &str, _: i64) -> Result<LogPage, CloudError> {
        Ok(LogPage::default())
    }
}
