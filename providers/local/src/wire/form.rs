//! The query protocol's form: `Tags.member.1.Key=a` as nested values.

use std::collections::BTreeMap;

use bytes::Bytes;

/// A form, or the part of one below a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a form body. Of repeated names the last counts; a name without a value is empty.
    pub(crate) fn parse(body: &Bytes) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
        Self(pairs.into_iter().collect())
    }

    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The items of the list `name`, each with what is below it, in index order: `Tags.member.N.…`.
    pub(crate) fn items(&self, name: &str) -> Vec<Form> {
        let prefix = format!("{name}.member.");
        let mut items: BTreeMap<u32, BTreeMap<String, String>> = BTreeMap::new();
        for (key, value) in &self.0 {
            let Some(rest) = key.strip_prefix(&prefix) else { continue };
            let (index, below) = rest.split_once('.').unwrap_or((rest, ""));
            let Ok(index) = index.parse() else { continue };
            items.entry(index).or_default().insert(below.to_owned(), value.clone());
        }
        items.into_values().map(Form).collect()
    }

    /// The values of the list of plain values `name`: `Filter.member.N`.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        self.items(name).into_iter().filter_map(|item| item.get("").map(str::to_owned)).collect()
    }

    /// The names of every value in it, up to their first dot.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|key| key.split_once('.').map_or(key.as_str(), |(head, _)| head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_index_order() {
        let body = Bytes::from_static(
            b"Action=TagRole&Tags.member.10.Key=z&Tags.member.2.Key=a&Tags.member.2.Value=b%20c&Filter.member.1=Role",
        );
        let form = Form::parse(&body);
        let keys: Vec<_> =
            form.items("Tags").iter().map(|tag| tag.get("Key").unwrap().to_owned()).collect();
        assert_eq!(keys, ["a", "z"]);
        assert_eq!(form.items("Tags")[0].get("Value"), Some("b c"));
        assert_eq!(form.values("Filter"), ["Role"]);
    }
}
