//! Finds what was probably meant.

/// Returns the candidate closest to `word`, if one is close enough to be a slip.
pub(crate) fn did_you_mean<S: AsRef<str>>(
    word: &str,
    candidates: impl IntoIterator<Item = S>,
) -> Option<String> {
    let typed = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let other = candidate.as_ref().to_lowercase();
            (strsim::jaro_winkler(&typed, &other), candidate)
        })
        .filter(|(likeness, _)| *likeness >= 0.82)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate.as_ref().to_owned())
}

/// Lists words for people: "`a`, `b` or `c`".
pub(crate) fn listed<S: AsRef<str>>(words: &[S], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, start)) => format!("{} {last} {end}", start.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, listed};

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["timeout", "memory", "runtime"];
        assert_eq!(did_you_mean("timout", known).as_deref(), Some("timeout"));
        assert_eq!(did_you_mean("kitchen", known), None);
    }

    #[test]
    fn words_are_listed_the_way_people_write() {
        assert_eq!(listed(&["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(listed(&["a"], "or"), "`a`");
    }
}
