//! Routes of HTTP triggers: templates of literals, `{parameters}`, `{optional?}` and a last `{*rest}`.
//!
//! Literals compare without case and win over parameters. Constraints such as `{id:int}` are not modelled. Source:
//! <https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates>, which the host uses.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// A text.
    Literal(String),
    /// One segment.
    Parameter(String),
    /// One segment that may be missing.
    Optional(String),
    /// Everything that is left.
    Rest(String),
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    parts: Vec<Part>,
}

impl Route {
    /// Reads a template below a prefix; says what is wrong with it.
    pub(super) fn parse(prefix: &str, template: &str) -> Result<Self, String> {
        let whole = format!("{prefix}/{}", template.trim_start_matches('/'));
        let segments = whole.split('/').filter(|segment| !segment.is_empty());
        let parts = segments.map(part).collect::<Result<Vec<_>, _>>()?;
        let last = parts.len().saturating_sub(1);
        if parts.iter().take(last).any(|part| matches!(part, Part::Rest(_))) {
            return Err(
                "A catch-all parameter can only appear as the last segment of the route template."
                    .to_owned(),
            );
        }
        Ok(Self { parts })
    }

    /// What decides between two routes that fit one path: literals first, then parameters, the rest last.
    pub(super) fn rank(&self) -> Vec<u8> {
        let rank = |part: &Part| match part {
            Part::Literal(_) => 0,
            Part::Parameter(_) => 1,
            Part::Optional(_) => 2,
            Part::Rest(_) => 3,
        };
        // A template that has ended fits better than a catch-all or a missing optional.
        self.parts.iter().map(rank).chain([0]).collect()
    }

    /// Whether it starts as the host's own paths do.
    pub(super) fn is_reserved(&self) -> bool {
        match self.parts.first() {
            Some(Part::Literal(text)) => {
                ["admin", "runtime"].iter().any(|own| own.eq_ignore_ascii_case(text))
            }
            Some(_) | None => false,
        }
    }

    /// The parameters of a path that fits, percent-decoded.
    pub(super) fn fits(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let trimmed = path.trim_matches('/');
        let mut left: Vec<&str> = trimmed.split('/').filter(|text| !text.is_empty()).collect();
        left.reverse();
        let mut found = BTreeMap::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => {
                    left.pop().filter(|sent| decode(sent).eq_ignore_ascii_case(text))?;
                }
                Part::Parameter(name) => {
                    found.insert(name.clone(), decode(left.pop()?));
                }
                Part::Optional(name) => {
                    if let Some(sent) = left.pop() {
                        found.insert(name.clone(), decode(sent));
                    }
                }
                Part::Rest(name) => {
                    left.reverse();
                    if !left.is_empty() {
                        found.insert(name.clone(), decode(&left.join("/")));
                    }
                    left.clear();
                }
            }
        }
        left.is_empty().then_some(found)
    }
}

fn part(segment: &str) -> Result<Part, String> {
    let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        if segment.contains(['{', '}', '?']) {
            return Err(format!("the embedded cloud does not model the route segment '{segment}'"));
        }
        return Ok(Part::Literal(segment.to_owned()));
    };
    let bare = name.trim_start_matches('*').trim_end_matches('?');
    if bare.contains([':', '=']) {
        return Err(format!(
            "the embedded cloud does not model constraints and defaults of routes: '{segment}'"
        ));
    }
    if bare.is_empty() || bare.contains(['{', '}', '*', '?']) {
        return Err(format!("The route parameter name '{bare}' is invalid."));
    }
    let bare = bare.to_owned();
    Ok(match (name.starts_with('*'), name.ends_with('?')) {
        (true, _) => Part::Rest(bare),
        (false, true) => Part::Optional(bare),
        (false, false) => Part::Parameter(bare),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(template: &str, path: &str) -> Option<String> {
        let found = Route::parse("api", template).unwrap().fits(path)?;
        Some(
            found
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(","),
        )
    }

    #[test]
    fn a_path_fills_the_parameters_of_the_template_it_fits() {
        assert_eq!(fits("items/{id}", "/API/Items/a%20b").as_deref(), Some("id=a b"));
        assert_eq!(fits("items/{id}", "/api/items"), None);
        assert_eq!(fits("items/{id?}", "/api/items/").as_deref(), Some(""));
        assert_eq!(fits("{*path}", "/api/a/b").as_deref(), Some("path=a/b"));
        assert_eq!(fits("{*path}", "/api").as_deref(), Some(""));
        assert_eq!(fits("items", "/api/items/x"), None);
        assert_eq!(Route::parse("", "").unwrap().fits("/"), Some(BTreeMap::new()));
    }

    #[test]
    fn the_more_literal_route_comes_first() {
        let rank = |template| Route::parse("", template).unwrap().rank();
        assert!(rank("items/new") < rank("items/{id}"));
        assert!(rank("items/{id}") < rank("items/{*rest}"));
        assert!(rank("items") < rank("items/{*rest}"));
        assert!(rank("{a}") < rank("{*rest}"));
    }

    #[test]
    fn what_the_host_refuses_or_is_not_modelled_is_said() {
        assert!(Route::parse("", "{*a}/b").unwrap_err().contains("catch-all"));
        assert!(Route::parse("", "{id:int}").unwrap_err().contains("does not model"));
        assert!(Route::parse("", "{}").is_err());
        assert!(Route::parse("", "Admin/x").unwrap().is_reserved());
    }
}
