//! The conditions this cloud understands: constants and tests of the resource's name and type, joined by `||` or `&&`.

/// Whether a condition holds for a resource; `None` when it is not understood.
pub(crate) fn holds(expression: &str, resource: &str) -> Option<bool> {
    if let Some((left, right)) = expression.split_once("||") {
        return Some(holds(left, resource)? | holds(right, resource)?);
    }
    if let Some((left, right)) = expression.split_once("&&") {
        return Some(holds(left, resource)? & holds(right, resource)?);
    }
    let test = expression.trim();
    match test {
        "true" => return Some(true),
        "false" => return Some(false),
        _ => {}
    }
    if let Some(value) = test.strip_prefix("resource.type") {
        return Some(kind(resource) == literal(value.trim_start().strip_prefix("==")?)?);
    }
    if let Some(call) = test.strip_prefix("api.getAttribute(") {
        // Nobody asks with attributes here: each has the value that the condition gives it.
        let (attribute, tested) = call.split_once(')')?;
        let (_, default) = attribute.split_once(',')?;
        let start = tested.strip_prefix(".startsWith(")?.strip_suffix(')')?;
        return Some(literal(default)?.starts_with(literal(start)?));
    }
    let rest = test.strip_prefix("resource.name")?.trim_start();
    if let Some(value) = rest.strip_prefix("==") {
        return Some(resource == literal(value)?);
    }
    let call = rest.strip_suffix(')')?;
    if let Some(value) = call.strip_prefix(".startsWith(") {
        return Some(resource.starts_with(literal(value)?));
    }
    call.strip_prefix(".endsWith(").and_then(literal).map(|end| resource.ends_with(end))
}

/// The type of a resource with conditions (cloud.google.com/iam/docs/conditions-resource-attributes).
fn kind(resource: &str) -> &'static str {
    let mut parts = resource.split('/');
    match (parts.next(), parts.nth(1), parts.nth(1)) {
        (_, Some("buckets"), Some("objects")) => "storage.googleapis.com/Object",
        (_, Some("buckets"), _) => "storage.googleapis.com/Bucket",
        _ => "",
    }
}

fn literal(text: &str) -> Option<&str> {
    let text = text.trim();
    let inner =
        ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))?;
    // An escape or a second literal is more than is understood.
    (!inner.contains(['"', '\'', '\\'])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tested_and_the_rest_is_not_understood() {
        let name = "projects/_/buckets/b/objects/in/a.png";
        let starts = r#"resource.name.startsWith("projects/_/buckets/b/objects/in/")"#;
        assert_eq!(holds(starts, name), Some(true));
        assert_eq!(holds(starts, "projects/_/buckets/b/objects/out/a"), Some(false));
        assert_eq!(holds(r#"resource.name == "x" || true"#, name), Some(true));
        assert_eq!(holds("resource.name.endsWith('.png') && false", name), Some(false));
        let object = r#"resource.type == "storage.googleapis.com/Object""#;
        assert_eq!(holds(&format!("{object} && {starts}"), name), Some(true));
        assert_eq!(holds(object, "projects/_/buckets/b"), Some(false));
        let listed = r#"resource.type == "storage.googleapis.com/Bucket" && api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("in/")"#;
        assert_eq!(holds(listed, "projects/_/buckets/b"), Some(false));
        assert_eq!(holds("request.time < timestamp('2027-01-01T00:00:00Z')", name), None);
        assert_eq!(holds("has({}.x)", name), None);
    }
}
