//! Path templates of Google's REST APIs: `POST /v1/projects/{project}/topics/{topic}:publish`.
//!
//! A label takes one segment without a colon, since what follows a colon is a verb (AIP-136). `{name*}` takes one
//! segment whatever is in it, `{name+}` the rest of the path.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// Returns the labels' values if `method` and `path`, still percent-encoded, fit the template.
pub(crate) fn labels(template: &str, method: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let (wanted, template) = template.split_once(' ')?;
    if wanted != method {
        return None;
    }
    let mut labels = BTreeMap::new();
    let mut parts = template.strip_prefix('/')?.split('/');
    let mut rest = Some(path.strip_prefix('/')?);
    while let Some(left) = rest {
        let part = parts.next()?;
        if let Some(label) = part.strip_prefix('{').and_then(|part| part.strip_suffix("+}")) {
            labels.insert(label.to_owned(), decode(left));
            return (!left.is_empty()).then_some(labels);
        }
        let (segment, more) =
            left.split_once('/').map_or((left, None), |(segment, more)| (segment, Some(more)));
        fill(part, segment, &mut labels)?;
        rest = more;
    }
    parts.next().is_none().then_some(labels)
}

fn fill(part: &str, segment: &str, labels: &mut BTreeMap<String, String>) -> Option<()> {
    let Some((label, verb)) = part.strip_prefix('{').and_then(|part| part.split_once('}')) else {
        return (part == segment).then_some(());
    };
    let value = segment.strip_suffix(verb)?;
    let (label, any) = label.strip_suffix('*').map_or((label, false), |label| (label, true));
    if value.is_empty() || (value.contains(':') && !any) {
        return None;
    }
    labels.insert(label.to_owned(), decode(value));
    Some(())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(template: &str, line: &str) -> Option<Vec<String>> {
        let (method, path) = line.split_once(' ').unwrap();
        Some(labels(template, method, path)?.into_values().collect())
    }

    #[test]
    fn a_verb_belongs_to_the_template_and_never_to_a_label() {
        let verb = "POST /v1/projects/{project}:getIamPolicy";
        assert_eq!(values(verb, "POST /v1/projects/p:getIamPolicy"), Some(vec!["p".to_owned()]));
        assert_eq!(values(verb, "POST /v1/projects/p:setIamPolicy"), None);
        assert_eq!(values(verb, "POST /v1/projects/p"), None);
        assert_eq!(values("GET /v1/projects/{project}", "GET /v1/projects/p:x"), None);
        assert_eq!(values("GET /v1/projects/{project}", "GET /v1/projects/p/x"), None);
        assert_eq!(values("GET /v1/projects/{project}/x", "GET /v1/projects/p"), None);
    }

    #[test]
    fn a_starred_label_takes_any_segment_and_a_plus_the_rest() {
        assert_eq!(values("GET /b/{o*}", "GET /b/a:b%2Fc"), Some(vec!["a:b/c".to_owned()]));
        assert_eq!(values("GET /b/{o+}", "GET /b/a/b"), Some(vec!["a/b".to_owned()]));
        assert_eq!(values("GET /b/{o+}", "GET /b/"), None);
    }
}
