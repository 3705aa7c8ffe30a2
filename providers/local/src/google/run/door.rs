//! The door of a service: who calls, whether they may, then the deployed code.
//!
//! Source: cloud.google.com/run/docs/authenticating/overview. The texts of 401 and 403 are those of Google's front end.

use bytes::Bytes;

use super::shelf::{self, Deployment, Target};
use super::token;
use crate::cloud::Cloud;
use crate::doors::Door;
use crate::google::invoke::invoke;
use crate::google::{accounts, policy};
use crate::services::Pending;
use crate::wire::{Body, Refusal, Reply, Request};

/// Runs the service whose path it is.
pub(crate) const RUN_DOOR: Door = Door {
    name: "Run",
    is_at: |path| Target::of_path(path).is_some(),
    open: |request, cloud| -> Pending { Box::pin(open(request, cloud)) },
};

/// A call of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpCall {
    /// The HTTP method.
    pub(crate) method: String,
    /// Path and query, as the code sees them.
    pub(crate) target: String,
    /// The headers. An event comes in binary mode, with `ce-` headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
}

/// What a service answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpAnswer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// The owner of the project.
    Owner,
    /// A service account with a token for an audience.
    Account(token::Identity),
    /// Somebody with a token nobody made.
    Unreadable,
}

impl HttpAnswer {
    /// A page of Google's front end.
    pub(crate) fn page(status: u16, title: &str, text: &str) -> Self {
        let html = format!(
            "<html><head>\n<title>{status} {title}</title>\n</head>\n<body>\n<h1>Error: {title}</h1>\n<h2>{text}</h2>\n</body></html>\n"
        );
        let headers = vec![("content-type".to_owned(), "text/html; charset=UTF-8".to_owned())];
        Self { status, headers, body: html.into() }
    }
}

async fn open(request: Request, cloud: Cloud) -> Result<Reply, Refusal> {
    let Some((target, rest)) = Target::of_path(&request.path) else {
        return Err(Refusal::not_modelled("this request"));
    };
    let caller = caller(&request);
    let path = if rest.is_empty() { "/" } else { rest };
    let query = if request.raw_query.is_empty() {
        String::new()
    } else {
        format!("?{}", request.raw_query)
    };
    let headers = request.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let asked = HttpCall {
        method: request.method.to_string(),
        target: format!("{path}{query}"),
        headers: headers.collect(),
        body: request.body.clone(),
    };
    // What comes in at the door comes from outside; Scheduler, Pub/Sub and Eventarc are internal and do not pass here.
    // Source: cloud.google.com/run/docs/securing/ingress.
    let closed = cloud.transact(|tx, context| {
        let serving = shelf::serving(tx, context, &target)?;
        Ok(serving.is_some_and(|deployment| deployment.ingress != "ALLOW_ALL"))
    })?;
    let answer = if closed { missing() } else { call(&cloud, &target, &caller, asked).await? };
    let mut reply = Reply::new(answer.status, Body::Bytes(answer.body, String::new()));
    for (name, value) in answer.headers {
        reply = reply.header(name, value);
    }
    Ok(reply)
}

/// Who a request's `Authorization` says it is.
fn caller(request: &Request) -> Caller {
    let header =
        request.header("x-serverless-authorization").or_else(|| request.header("authorization"));
    let Some(header) = header else { return Caller::Anonymous };
    match header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("bearer ")) {
        Some("local") => Caller::Owner,
        Some(token) => match token::read(token, crate::clock::Moment::now()) {
            Some(identity) => Caller::Account(identity),
            None => Caller::Unreadable,
        },
        None => Caller::Unreadable,
    }
}

/// Calls a service if the caller may; what the code answers, or the front end in its place.
pub(crate) async fn call(
    cloud: &Cloud,
    target: &Target,
    caller: &Caller,
    asked: HttpCall,
) -> Result<HttpAnswer, Refusal> {
    let checked = cloud.transact(|tx, context| {
        let Some(deployment) = shelf::serving(tx, context, target)? else {
            return Ok(Err(missing()));
        };
        if let Caller::Account(identity) = caller {
            let base = target.uri(context.google_url);
            if identity.audience.trim_end_matches('/') != base {
                return Ok(Err(unauthorized()));
            }
        }
        Ok(match member(tx, context, caller)? {
            Some(member) if may(tx, context, target, &member)? => Ok(deployment),
            Some(_) => Err(forbidden()),
            None => Err(unauthorized()),
        })
    })?;
    let checked: Result<Deployment, HttpAnswer> = checked;
    match checked {
        Ok(deployment) => Ok(invoke(cloud, deployment, asked).await),
        Err(answer) => Ok(answer),
    }
}

/// The caller as policies have it; `None` when the token is good for nothing.
fn member(
    tx: &crate::store::Tx,
    context: &crate::cloud::Context<'_>,
    caller: &Caller,
) -> Result<Option<String>, Refusal> {
    Ok(match caller {
        Caller::Anonymous => Some("allUsers".to_owned()),
        Caller::Owner => Some(OWNER.to_owned()),
        Caller::Account(identity) => {
            let found = accounts::find(tx, context, &identity.email)?;
            found
                .filter(accounts::Found::is_enabled)
                .map(|_| format!("serviceAccount:{}", identity.email))
        }
        Caller::Unreadable => None,
    })
}

/// The member that every project's owner is.
const OWNER: &str = "user:owner@example.com";

fn may(
    tx: &crate::store::Tx,
    context: &crate::cloud::Context<'_>,
    target: &Target,
    member: &str,
) -> Result<bool, Refusal> {
    // The token the tools use locally stands for the owner, whatever the policies say.
    if member == OWNER {
        return Ok(true);
    }
    let (name, project) = (target.name(), target.project_name());
    let asked = policy::Asked {
        member,
        permission: "run.routes.invoke",
        resource: &name,
        holders: &[&name, &project],
    };
    policy::permits(tx, context, asked)
}

fn missing() -> HttpAnswer {
    HttpAnswer::page(404, "Page not found", "The requested URL was not found on this server.")
}

fn unauthorized() -> HttpAnswer {
    let text = "Your client does not have permission to the requested URL. The access token could not be verified.";
    let mut answer = HttpAnswer::page(401, "Unauthorized", text);
    let why = "Bearer error=\"invalid_token\" error_description=\"The access token could not be verified\"";
    answer.headers.push(("www-authenticate".to_owned(), why.to_owned()));
    answer
}

fn forbidden() -> HttpAnswer {
    let text = "Your client does not have permission to get URL from this server.";
    HttpAnswer::page(403, "Forbidden", text)
}
