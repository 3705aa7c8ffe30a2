//! What statements can really allow: pairs of actions and resources that no request has are left
//! out, by the service authorization reference.

use updraft_contract::Effect;

use super::statement::{Names, Statement};
use crate::data;

/// Returns statements without the actions that none of their resources can be meant by, such as
/// `kinesis:ListStreams` on a stream.
///
/// Comparing documents as they are written is what IAM Access Analyzer does too; comparing them
/// without what has no effect says less and means the same today. Say which of both was done. What
/// is not known stays, and so do denies.
pub fn effective(statements: &[Statement]) -> Vec<Statement> {
    let each = statements.iter().map(|statement| match statement.effect {
        Effect::Deny => Some(statement.clone()),
        Effect::Allow => allowing(statement),
    });
    each.flatten().collect()
}

fn allowing(statement: &Statement) -> Option<Statement> {
    let (Names::Of(actions), Some(Names::Of(resources))) =
        (&statement.actions, &statement.resources)
    else {
        return Some(statement.clone());
    };
    let works = |pattern: &&String| {
        let known = data::matching(pattern);
        let any = |name: &str| resources.iter().any(|resource| data::supports(name, resource));
        known.is_empty() || known.iter().any(|action| any(&action.name))
    };
    let actions: std::collections::BTreeSet<String> =
        actions.iter().filter(works).cloned().collect();
    (!actions.is_empty()).then(|| Statement { actions: Names::Of(actions), ..statement.clone() })
}

#[cfg(test)]
mod tests {
    use super::effective;
    use crate::aws::{PolicyKind, document, read};

    fn left(statement: &str) -> String {
        let all = read("policy", statement, PolicyKind::Identity).unwrap();
        document(&effective(&all))["Statement"].to_string()
    }

    #[test]
    fn what_no_request_has_is_left_out() {
        let stream = r#"{"Effect": "Allow", "Action": ["kinesis:ListStreams", "kinesis:GetRecords"],
            "Resource": "arn:aws:kinesis:eu-west-1:1:stream/s"}"#;
        assert!(left(stream).contains("GetRecords") && !left(stream).contains("ListStreams"));
        let none = r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sns:eu-west-1:1:t"}"#;
        assert_eq!(left(none), "[]");
    }

    #[test]
    fn everything_else_stays() {
        for (effect, action, resource) in [
            ("Deny", "kinesis:ListStreams", "arn:aws:kinesis:eu-west-1:1:stream/s"),
            ("Allow", "kinesis:ListStreams", "*"),
            ("Allow", "kinesis:*", "arn:aws:kinesis:eu-west-1:1:stream/s"),
            ("Allow", "nothing:Known", "arn:aws:kinesis:eu-west-1:1:stream/s"),
        ] {
            let text = format!(
                r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "{resource}"}}"#
            );
            assert!(left(&text).contains(action), "{text}");
        }
    }
}
