//! The services: one table each of operations, found by action name or by method and path.

#![allow(clippy::unnecessary_wraps, reason = "every operation has the signature its table wants")]

use std::future::Future;
use std::pin::Pin;

use crate::cloud::{Cloud, Context};
use crate::store::Tx;
use crate::wire::{Dialect, Protocol, Refusal, Reply, Request, Template};

mod api_shelf;
pub(crate) mod apigateway;
pub(crate) mod apigatewayv2;
pub(crate) mod iam;
pub(crate) mod lambda;
pub(crate) mod logs;
pub(crate) mod s3;
pub(crate) mod scheduler;
pub(crate) mod sqs;
pub(crate) mod sts;
pub(crate) mod tagging;

/// An answer that comes later.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Result<Reply, Refusal>> + Send>>;

/// An operation that runs in one transaction.
pub(crate) type Work = fn(&Request, &mut Tx, &Context<'_>) -> Result<Reply, Refusal>;

/// An operation that runs outside a transaction and makes its own.
pub(crate) type Task = fn(Request, Cloud) -> Pending;

/// How an operation is carried out.
#[derive(Clone, Copy)]
pub(crate) enum Handle {
    /// In one transaction.
    Work(Work),
    /// Outside.
    Task(Task),
    /// In one transaction, and refused while another write is under way on what the label names.
    Write(Work, &'static str),
}

/// One operation.
pub(crate) struct Operation {
    /// Its name: `CreateFunction`.
    pub(crate) name: &'static str,
    /// Where it is, in the REST protocols.
    pub(crate) template: Option<Template>,
    /// What it does.
    pub(crate) handle: Handle,
}

impl Operation {
    /// An operation named by `Action` or `X-Amz-Target`.
    pub(crate) const fn action(name: &'static str, work: Work) -> Self {
        Self { name, template: None, handle: Handle::Work(work) }
    }

    /// An operation named by `X-Amz-Target` that runs outside a transaction.
    pub(crate) const fn action_task(name: &'static str, task: Task) -> Self {
        Self { name, template: None, handle: Handle::Task(task) }
    }

    /// An operation at a method and path, `GET /restapis/{restapi_id}`.
    pub(crate) const fn rest(name: &'static str, template: &'static str, work: Work) -> Self {
        Self { name, template: Some(Template(template)), handle: Handle::Work(work) }
    }

    /// An operation at a method and path that is refused while another is under way on what `label` names.
    pub(crate) const fn write(
        name: &'static str,
        template: &'static str,
        (label, work): (&'static str, Work),
    ) -> Self {
        Self { name, template: Some(Template(template)), handle: Handle::Write(work, label) }
    }

    /// An operation at a method and path that runs outside a transaction.
    pub(crate) const fn task(name: &'static str, template: &'static str, task: Task) -> Self {
        Self { name, template: Some(Template(template)), handle: Handle::Task(task) }
    }
}

/// One service.
pub(crate) struct Service {
    /// Its name here, in the store's keys and in the ledger.
    pub(crate) name: &'static str,
    /// The name requests are signed for; API Gateway's two services share one.
    pub(crate) signing: &'static str,
    /// How it speaks.
    pub(crate) dialect: Dialect,
    /// What it can do; the first template that matches counts.
    pub(crate) operations: &'static [Operation],
}

/// Every service. Where two share a signing name, the one whose template matches is meant, else the first.
pub(crate) const SERVICES: &[&Service] = &[
    &apigateway::SERVICE,
    &apigatewayv2::SERVICE,
    &iam::SERVICE,
    &lambda::SERVICE,
    &logs::SERVICE,
    &scheduler::SERVICE,
    &sqs::SERVICE,
    &sts::SERVICE,
    &tagging::SERVICE,
    // Last: its paths match nearly everything.
    &s3::SERVICE,
];

/// Starts what services do on their own, without a request. It ends when the cloud is stopping.
pub(crate) fn start(cloud: &Cloud) {
    lambda::start(cloud);
    scheduler::start(cloud);
    crate::google::start(cloud);
}

/// The operation a request names, if it is modelled.
pub(crate) struct Found {
    /// The operation.
    pub(crate) operation: &'static Operation,
    /// The labels of its path.
    pub(crate) labels: std::collections::BTreeMap<String, String>,
}

impl Service {
    /// Finds the operation the request names. `name` is its action, where the protocol has one.
    pub(crate) fn find(&self, request: &Request, name: Option<&str>) -> Option<Found> {
        self.operations.iter().find_map(|operation| {
            let labels = match operation.template {
                Some(template) => {
                    template.labels(request.method.as_str(), &request.path, &request.query)?
                }
                None if name == Some(operation.name) => std::collections::BTreeMap::new(),
                None => return None,
            };
            Some(Found { operation, labels })
        })
    }

    /// The action the request names in the way of this service's protocol.
    pub(crate) fn action(&self, request: &Request) -> Option<String> {
        match self.dialect.protocol {
            Protocol::Json | Protocol::Json10 => {
                let target = request.header("x-amz-target")?;
                Some(target.strip_prefix(self.dialect.target)?.to_owned())
            }
            Protocol::Query => {
                request.form().get("Action").or_else(|| request.query("Action")).map(str::to_owned)
            }
            Protocol::RestJson | Protocol::RestXml => None,
        }
    }
}
