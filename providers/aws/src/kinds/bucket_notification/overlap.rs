//! Whether S3 would tell two parties of the same thing, which it refuses. Pure.

use std::collections::BTreeSet;

/// Which objects an entry of a notification document is about.
///
/// S3 takes no two entries, wherever they lead, that share a type of event and whose prefixes and
/// suffixes could both fit one key
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The types of event, such as `s3:ObjectCreated:*`.
    pub(crate) events: BTreeSet<String>,
    /// What the key starts with.
    pub(crate) prefix: String,
    /// What the key ends with.
    pub(crate) suffix: String,
}

impl Rule {
    /// Returns whether S3 refuses the two in one document.
    pub(crate) fn overlaps(&self, other: &Rule) -> bool {
        let (a, b) = (&self.prefix, &other.prefix);
        let prefixes = a.starts_with(b.as_str()) || b.starts_with(a.as_str());
        let (a, b) = (&self.suffix, &other.suffix);
        let suffixes = a.ends_with(b.as_str()) || b.ends_with(a.as_str());
        prefixes
            && suffixes
            && self.events.iter().any(|one| other.events.iter().any(|two| meet(one, two)))
    }

    /// Returns the rule for people: `created objects under "in/" ending in ".png"`.
    pub(crate) fn told(&self) -> String {
        let events: Vec<&str> = self.events.iter().map(String::as_str).collect();
        let part = |word: &str, text: &str| match text {
            "" => String::new(),
            text => format!(" {word} \"{text}\""),
        };
        let (under, ending) = (part("under", &self.prefix), part("ending in", &self.suffix));
        format!("{}{under}{ending}", events.join(", "))
    }
}

/// Returns whether two types of event have one in common: `s3:ObjectCreated:*` is all of a family.
fn meet(one: &str, two: &str) -> bool {
    let within = |family: &str, event: &str| {
        family.strip_suffix('*').is_some_and(|family| event.starts_with(family))
    };
    one == two || within(one, two) || within(two, one)
}

#[cfg(test)]
mod tests {
    use super::Rule;

    fn rule(event: &str, prefix: &str, suffix: &str) -> Rule {
        Rule { events: [event.to_owned()].into(), prefix: prefix.into(), suffix: suffix.into() }
    }

    #[test]
    fn entries_overlap_when_one_key_could_fit_both() {
        let png = rule("s3:ObjectCreated:*", "in/", ".png");
        for (other, overlaps) in [
            (rule("s3:ObjectCreated:*", "in/", ".png"), true),
            (rule("s3:ObjectCreated:Put", "", ""), true),
            (rule("s3:ObjectCreated:Put", "in/raw/", "x.png"), true),
            (rule("s3:ObjectCreated:*", "in/", ".jpg"), false),
            (rule("s3:ObjectCreated:*", "out/", ".png"), false),
            (rule("s3:ObjectRemoved:*", "in/", ".png"), false),
        ] {
            assert_eq!(png.overlaps(&other), overlaps, "{other:?}");
            assert_eq!(other.overlaps(&png), overlaps, "{other:?}");
        }
    }
}
