//! STS: who is calling.

use super::iam::role_id;
use super::{Operation, Service};
use crate::cloud::Context;
use crate::judge::aws::{Principal, caller_arn, principal};
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
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let account = request.account.as_str();
    let judged = context.deployer.is_some();
    let (arn, id) = match principal(request, context.now) {
        Principal::Function(acting) => {
            let function = acting.function.rsplit(':').next().unwrap_or_default();
            (acting.arn(), format!("{}:{function}", role_id(tx, &acting.role)?))
        }
        Principal::Caller | Principal::Unknown if judged => {
            (caller_arn(account, judged), "AIDAEMBEDDEDDEPLOYER0".to_owned())
        }
        Principal::Caller | Principal::Unknown => (caller_arn(account, judged), account.to_owned()),
    };
    Ok(Reply::result([
        Xml::text("Arn", arn),
        Xml::text("UserId", id),
        Xml::text("Account", account),
    ]))
}
