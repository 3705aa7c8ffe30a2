//! STS: who is calling.

use super::{Operation, Service};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Dialect, Protocol, Refusal, Reply, Request, Xml};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "sts",
    signing: "sts",
    dialect: Dialect {
        protocol: Protocol::Query,
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        target: "",
        message: "message",
        throttle: (400, "Throttling"),
    },
    operations: &[Operation::action("GetCallerIdentity", get_caller_identity)],
};

fn get_caller_identity(
    request: &Request,
    _tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let account = &request.account;
    Ok(Reply::result([
        Xml::text("Arn", format!("arn:aws:iam::{account}:root")),
        Xml::text("UserId", account.as_str()),
        Xml::text("Account", account.as_str()),
    ]))
}
