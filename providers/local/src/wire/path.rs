//! Path templates of the REST protocols: `GET /restapis/{restapi_id}/stages/{stage_name}`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// A method and path with labels, and query names that must be there: `PUT /{Bucket}?tagging`.
///
/// A label `{name+}` takes the rest of the path; other labels take one segment. Written as botocore writes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template(pub(crate) &'static str);

impl Template {
    /// The path of the template, without method and query.
    pub(crate) fn path(self) -> &'static str {
        let (_, rest) = self.0.split_once(' ').unwrap_or(("", self.0));
        rest.split_once('?').map_or(rest, |(path, _)| path)
    }

    /// Returns the labels' values if the request is one of these. `path` is as sent, still percent-encoded.
    pub(crate) fn labels(
        self,
        method: &str,
        path: &str,
        query: &[(String, String)],
    ) -> Option<BTreeMap<String, String>> {
        let (wanted, rest) = self.0.split_once(' ')?;
        if wanted != method {
            return None;
        }
        let (template, needed) = rest.split_once('?').unwrap_or((rest, ""));
        if !needed.split('&').filter(|need| !need.is_empty()).all(|need| has(query, need)) {
            return None;
        }
        fill(template, path)
    }
}

fn has(query: &[(String, String)], need: &str) -> bool {
    match need.split_once('=') {
        Some((name, value)) => query.iter().any(|(key, found)| key == name && found == value),
        None => query.iter().any(|(key, _)| key == need),
    }
}

fn fill(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    let mut path = path.strip_prefix('/')?;
    let mut parts = template.strip_prefix('/')?.split('/').peekable();
    while let Some(part) = parts.next() {
        if let Some(label) = part.strip_prefix('{').and_then(|part| part.strip_suffix("+}")) {
            if path.is_empty() {
                return None;
            }
            labels.insert(label.to_owned(), decode(path));
            return Some(labels);
        }
        let (segment, rest, more) = match path.split_once('/') {
            Some((segment, rest)) => (segment, rest, true),
            None => (path, "", false),
        };
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(label) => {
                labels.insert(label.to_owned(), decode(segment));
            }
            None if part == segment => {}
            None => return None,
        }
        // A trailing slash is the same path, as the services have it.
        let ended = !more || (rest.is_empty() && parts.peek().is_none());
        if ended != parts.peek().is_none() {
            return None;
        }
        path = rest;
    }
    Some(labels)
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(template: &'static str, method: &str, path: &str) -> Option<Vec<(String, String)>> {
        Some(Template(template).labels(method, path, &[])?.into_iter().collect())
    }

    #[test]
    fn labels_take_one_segment_decoded() {
        assert_eq!(
            labels("GET /a/{x}/b", "GET", "/a/arn%3Aaws%2F1/b"),
            Some(vec![("x".to_owned(), "arn:aws/1".to_owned())])
        );
        assert_eq!(labels("GET /a/{x}", "GET", "/a/b/c"), None);
        assert_eq!(labels("GET /a/{x}", "GET", "/a/"), None);
        assert_eq!(labels("GET /a/{x}", "POST", "/a/b"), None);
        assert_eq!(labels("GET /a/b", "GET", "/a"), None);
        assert_eq!(labels("GET /a", "GET", "/a/"), Some(vec![]));
        assert_eq!(labels("GET /", "GET", "/"), Some(vec![]));
    }

    #[test]
    fn a_greedy_label_takes_the_rest() {
        assert_eq!(
            labels("PUT /{Bucket}/{Key+}", "PUT", "/b/k/1/").map(|found| found[1].1.clone()),
            Some("k/1/".to_owned())
        );
        assert_eq!(labels("PUT /{Bucket}/{Key+}", "PUT", "/b/"), None);
        assert_eq!(labels("PUT /{Bucket}/{Key+}", "PUT", "/b"), None);
    }

    #[test]
    fn a_query_name_can_be_needed() {
        let template = Template("PUT /{Bucket}?tagging");
        assert!(template.labels("PUT", "/b", &[]).is_none());
        assert!(template.labels("PUT", "/b", &[("tagging".to_owned(), String::new())]).is_some());
    }
}
