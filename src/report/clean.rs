//! Makes text from elsewhere harmless on a terminal. Never shortens it.

use std::fmt::Write as _;

/// Writes control characters as escapes, so that a name in the cloud or a word of a manifest cannot move the cursor,
/// set the window's title, turn text around or begin a line that looks like one of ours; tabs stay.
pub fn clean(text: &str) -> String {
    escaped(text, &['\t'])
}

/// Does the same with text that has lines of its own, such as a document or a log: line breaks stay.
pub fn clean_lines(text: &str) -> String {
    escaped(text, &['\n', '\t'])
}

fn escaped(text: &str, kept: &[char]) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut cleaned, c| {
        if !kept.contains(&c) && is_hostile(c) {
            let _ = write!(cleaned, "{}", c.escape_unicode());
        } else {
            cleaned.push(c);
        }
        cleaned
    })
}

/// Quotes text as JSON does, without any control character.
pub fn quoted(text: &str) -> String {
    let plain = text.chars().fold(String::from("\""), |mut written, c| {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            _ if is_hostile(c) => {
                let _ = write!(written, "\\u{:04x}", u32::from(c));
            }
            _ => written.push(c),
        }
        written
    });
    plain + "\""
}

/// Tells control characters, those that change the direction of the text around them and those that break lines.
///
/// See Unicode Standard Annex 9, section 2, and Annex 14, class BK.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_lines, quoted};

    #[test]
    fn escape_sequences_cannot_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mred\u{7}"), "a\\u{1b}[31mred\\u{7}");
        assert_eq!(quoted("a\u{9b}31m\u{202e}\""), r#""a\u009b31m\u202e\"""#);
    }

    #[test]
    fn nobody_elses_text_begins_a_line() {
        assert_eq!(clean("a\nb\r\nc\u{2028}\td"), "a\\u{a}b\\u{d}\\u{a}c\\u{2028}\td");
        assert_eq!(clean_lines("a\nb\u{1b}"), "a\nb\\u{1b}");
    }

    #[test]
    fn other_scripts_are_left_alone() {
        assert_eq!(clean_lines("naïve\n\tüber"), "naïve\n\tüber");
        assert_eq!(quoted("naïve"), "\"naïve\"");
    }
}
