//! The variables that tell a function what it uses is called. Pure.

use updraft_contract::{App, Function};

use super::target::{Target, Thing};
use crate::place::Names;

/// Returns the variables that tell a function what it uses is called: a bucket's name, a queue's
/// URL, a topic's ARN. It is what the calls of the AWS SDKs take.
pub(crate) fn variables<'a>(
    names: Names<'_>,
    app: &App,
    function: &'a Function,
) -> Vec<(&'a str, String)> {
    let each = function.access.iter().filter_map(|access| {
        let target = Target::of(names, app, &access.to).ok()?;
        Some((access.variable.as_deref()?, called(names, &target)))
    });
    each.collect()
}

fn called(names: Names<'_>, target: &Target) -> String {
    let (region, account) = (target.part(3), target.part(4));
    let name = target.name().to_owned();
    match target.thing {
        Some(Thing::Queue) => {
            let mut place = names.place.clone();
            region.clone_into(&mut place.region);
            account.clone_into(&mut place.account);
            place.queue_url(&name)
        }
        // The name of a parameter in a path starts with a slash, which its ARN does not double
        // (<https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html>).
        Some(Thing::Parameter) if name.contains('/') => format!("/{name}"),
        Some(
            Thing::Bucket
            | Thing::Parameter
            | Thing::Table
            | Thing::Stream
            | Thing::Delivery
            | Thing::Bus
            | Thing::Function
            | Thing::Users
            | Thing::Cache
            | Thing::Sender
            | Thing::Metrics
            | Thing::Model,
        ) => name,
        Some(Thing::Api) => format!(
            "https://{}",
            name.replacen('/', &format!(".execute-api.{region}.amazonaws.com/"), 1)
        ),
        Some(
            Thing::Topic
            | Thing::Secret
            | Thing::Key
            | Thing::Machine
            | Thing::Login
            | Thing::Cluster,
        )
        | None => target.arn.clone(),
    }
}
