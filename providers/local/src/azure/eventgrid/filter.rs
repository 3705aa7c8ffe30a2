//! Which events a subscription is for.
//!
//! Source: `learn.microsoft.com/azure/event-grid/event-filtering`.

use serde_json::Value;

/// Whether an event of a type about a subject passes a subscription's filter.
pub(super) fn passes(filter: &Value, (of, subject): (&str, &str)) -> bool {
    let types = filter.get("includedEventTypes").and_then(Value::as_array);
    let wanted = types.is_none_or(|types| {
        types
            .iter()
            .filter_map(Value::as_str)
            .any(|one| one.eq_ignore_ascii_case(of) || one == "All")
    });
    let exact = filter.get("isSubjectCaseSensitive").and_then(Value::as_bool) == Some(true);
    let fold = |text: &str| if exact { text.to_owned() } else { text.to_lowercase() };
    let part = |name: &str| fold(filter.get(name).and_then(Value::as_str).unwrap_or_default());
    let subject = fold(subject);
    wanted
        && subject.starts_with(&part("subjectBeginsWith"))
        && subject.ends_with(&part("subjectEndsWith"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_told_by_type_and_both_ends_of_their_subject() {
        let filter = json!({
            "includedEventTypes": ["Microsoft.Storage.BlobCreated"],
            "subjectBeginsWith": "/blobServices/default/containers/photos/blobs/in/",
            "subjectEndsWith": ".jpg",
        });
        let created = "Microsoft.Storage.BlobCreated";
        let at = |name: &str| format!("/blobServices/default/containers/photos/blobs/{name}");
        assert!(passes(&filter, (created, &at("in/a.JPG"))));
        assert!(!passes(&filter, (created, &at("out/a.jpg"))));
        assert!(!passes(&filter, (created, &at("in/a.png"))));
        assert!(!passes(&filter, ("Microsoft.Storage.BlobDeleted", &at("in/a.jpg"))));
        let mut exact = filter.clone();
        crate::members::set(&mut exact, "isSubjectCaseSensitive", true);
        assert!(!passes(&exact, (created, &at("in/a.JPG"))));
    }
}
