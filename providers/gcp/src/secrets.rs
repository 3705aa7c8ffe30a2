//! Secrets of Secret Manager, as a manifest and as Google names them.

/// A secret in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretRef {
    /// The project it is in, where that is said.
    pub(crate) project: Option<String>,
    /// Its id.
    pub(crate) id: String,
    /// The version: a number, or `latest`.
    pub(crate) version: String,
}

impl SecretRef {
    /// Reads `NAME`, `NAME/versions/3`, `projects/P/secrets/NAME` or
    /// `projects/P/secrets/NAME/versions/3`. `None`: it is none of them, or the name is not one
    /// that Secret Manager has (`[A-Za-z0-9_-]{1,255}`).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (project, rest) = match text.strip_prefix("projects/") {
            Some(rest) => {
                let (project, rest) = rest.split_once("/secrets/")?;
                (Some(project.to_owned()), rest)
            }
            None => (None, text),
        };
        let (id, version) = rest.split_once("/versions/").unwrap_or((rest, "latest"));
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let named = (1..=255).contains(&id.len()) && id.chars().all(legal);
        let counted = version == "latest" || version.parse::<u32>().is_ok();
        let project_legal =
            project.as_deref().is_none_or(|project| !project.is_empty() && !project.contains('/'));
        let (id, version) = (id.to_owned(), version.to_owned());
        (named && counted && project_legal).then_some(Self { project, id, version })
    }

    /// Returns the full name of the secret. `project` is where secrets are that do not say.
    pub(crate) fn name(&self, project: &str) -> String {
        format!("projects/{}/secrets/{}", self.project.as_deref().unwrap_or(project), self.id)
    }

    /// Returns the full name of the version.
    pub(crate) fn version_name(&self, project: &str) -> String {
        format!("{}/versions/{}", self.name(project), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::SecretRef;

    #[test]
    fn secrets_are_named_shortly_or_in_full() {
        let full = |text| SecretRef::parse(text).map(|secret| secret.version_name("p"));
        assert_eq!(full("key").as_deref(), Some("projects/p/secrets/key/versions/latest"));
        assert_eq!(full("key/versions/3").as_deref(), Some("projects/p/secrets/key/versions/3"));
        let other = "projects/q/secrets/key/versions/latest";
        assert_eq!(full("projects/q/secrets/key").as_deref(), Some(other));
        assert_eq!(full(other).as_deref(), Some(other));
        for text in ["photo/api-key", "", "key/versions/new", "projects//secrets/key"] {
            assert_eq!(full(text), None, "{text}");
        }
    }
}
