//! The conditions this cloud understands: constants and tests of the resource's name, joined by `||` or `&&`.

/// Whether a condition holds for a resource; `None` when it is not understood.
pub(super) fn holds(expression: &str, resource: &str) -> Option<bool> {
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
        assert_eq!(holds("request.time < timestamp('2027-01-01T00:00:00Z')", name), None);
        assert_eq!(holds("has({}.x)", name), None);
    }
}
