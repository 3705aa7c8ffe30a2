//! Which elements a statement must have where it stands, and what actions and resources look like.

use super::{Only, Principals};

/// What a statement of an identity policy must and must not have.
pub(super) fn check_identity(
    principals: Option<&Only<Principals>>,
    actions: &Only<Vec<String>>,
    resources: Option<&Only<Vec<String>>>,
) -> Result<(), String> {
    if principals.is_some() {
        return Err("Policy document should not specify a principal.".to_owned());
    }
    let resources = resources.map(Only::named).filter(|named| !named.is_empty());
    let resources = resources.ok_or("Policy statement must contain resources.")?;
    if actions.named().is_empty() {
        return Err("Policy statement must contain actions.".to_owned());
    }
    actions.named().iter().try_for_each(|action| check_action(action))?;
    resources.iter().try_for_each(|resource| check_resource(resource))
}

fn check_action(action: &str) -> Result<(), String> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Err(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
        );
    };
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if vendor.is_empty() || !vendor.bytes().all(known) {
        return Err(format!("Vendor {vendor} is not valid"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"*?_-.:".contains(&byte);
    if name.is_empty() || name.contains(':') || !name.bytes().all(fits) {
        return Err("The policy failed legacy parsing".to_owned());
    }
    Ok(())
}

fn check_resource(resource: &str) -> Result<(), String> {
    if resource == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, _, account, rest]
            if !rest.is_empty()
                && !service.is_empty()
                && ["aws", "aws-cn", "aws-us-gov", "*"].contains(partition)
                && (account.is_empty()
                    || *account == "aws"
                    || account
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || b"*?".contains(&byte))
                    || account.contains("${")) =>
        {
            Ok(())
        }
        ["arn", _, _, _, _, _] => {
            Err(format!("Resource {resource} must be in ARN format or \"*\"."))
        }
        ["arn", ..] => Err("The policy failed legacy parsing".to_owned()),
        _ => Err(format!("Resource {resource} must be in ARN format or \"*\".")),
    }
}

/// What a statement of a trust policy must and must not have.
pub(super) fn check_trust(
    principals: Option<&Only<Principals>>,
    actions: &Only<Vec<String>>,
    resources: Option<&Only<Vec<String>>>,
) -> Result<(), String> {
    if resources.is_some() {
        return Err("Has prohibited field Resource".to_owned());
    }
    if principals.is_none_or(|named| named.named().values().all(Vec::is_empty)) {
        return Err("Missing required field Principal".to_owned());
    }
    let Only::These(actions) = actions else {
        return Err("Has prohibited field NotAction".to_owned());
    };
    let is_sts = |action: &String| action.to_ascii_lowercase().starts_with("sts:");
    if actions.is_empty() || !actions.iter().all(is_sts) {
        return Err("AssumeRole policy may only specify STS AssumeRole actions.".to_owned());
    }
    Ok(())
}

/// What a statement of a policy on a queue or a bucket must have.
pub(super) fn check_resource_policy(
    principals: Option<&Only<Principals>>,
    actions: &Only<Vec<String>>,
    resources: Option<&Only<Vec<String>>>,
) -> Result<(), String> {
    if principals.is_none_or(|named| named.named().values().all(Vec::is_empty)) {
        return Err("Missing required field Principal".to_owned());
    }
    let resources = resources.map(Only::named).filter(|named| !named.is_empty());
    let resources = resources.ok_or("Policy statement must contain resources.")?;
    if actions.named().is_empty() {
        return Err("Policy statement must contain actions.".to_owned());
    }
    actions.named().iter().try_for_each(|action| check_action(action))?;
    resources.iter().try_for_each(|resource| check_resource(resource))
}
