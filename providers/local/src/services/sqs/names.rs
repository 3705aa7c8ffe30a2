//! Names, ARNs and URLs of queues.

use super::refusals::{address, denied, missing, parameter};
use crate::wire::{Refusal, Request};

/// What the name of a FIFO queue ends in.
pub(super) const FIFO: &str = ".fifo";

/// Whether a name or an ARN is of a FIFO queue.
pub(crate) fn is_fifo(name: &str) -> bool {
    name.ends_with(FIFO)
}

/// The ARN of a queue.
pub(super) fn arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:sqs:{region}:{account}:{name}")
}

/// The account, region and name of a queue's ARN.
pub(crate) fn from_arn(arn: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", "aws", "sqs", region, account, name]
            if is_account(account) && !region.is_empty() && !name.is_empty() =>
        {
            Some((account, region, name))
        }
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks the name of a new queue.
pub(super) fn check(name: &str) -> Result<(), Refusal> {
    let stem = name.strip_suffix(FIFO).unwrap_or(name);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=80).contains(&name.len()) && !stem.is_empty() && stem.bytes().all(fits) {
        return Ok(());
    }
    Err(parameter(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ))
}

/// The name of the queue a URL is of. Any host will do: the same queue is reached under several.
pub(super) fn in_url<'u>(request: &Request, url: Option<&'u str>) -> Result<&'u str, Refusal> {
    let url = url.filter(|url| !url.is_empty()).ok_or_else(|| missing("QueueUrl"))?;
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let parts: Vec<&str> = rest.unwrap_or_default().split('/').collect();
    match parts.as_slice() {
        [_, account, name] if is_account(account) && !name.is_empty() => {
            if *account == request.account { Ok(name) } else { Err(denied(url)) }
        }
        _ => Err(address(url)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_letters_and_may_end_in_fifo() {
        for (name, fine) in [
            ("jobs", true),
            ("a-b_C9.fifo", true),
            (".fifo", false),
            ("a.b", false),
            ("", false),
            (&"x".repeat(81), false),
        ] {
            assert_eq!(check(name).is_ok(), fine, "{name}");
        }
    }

    #[test]
    fn an_arn_names_account_region_and_queue() {
        let found = from_arn("arn:aws:sqs:eu-west-1:111122223333:jobs");
        assert_eq!(found, Some(("111122223333", "eu-west-1", "jobs")));
        assert_eq!(from_arn("arn:aws:sns:eu-west-1:111122223333:jobs"), None);
        assert_eq!(from_arn("arn:aws:sqs:eu-west-1:111122223333:jobs:more"), None);
    }
}
