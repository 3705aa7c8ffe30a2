//! Markdown that grows up to a limit, and the marks that keep text from being Markdown.

use crate::report::clean_lines;

/// The most characters that a comment on GitHub may have
/// (<https://github.com/orgs/community/discussions/41331>).
pub const LIMIT: usize = 65_536;

/// How many characters are kept free for saying what was left out.
const RESERVE: usize = 2_500;

/// Markdown that grows up to a limit.
#[derive(Debug, Default)]
pub(super) struct Paper {
    text: String,
    length: usize,
}

impl Paper {
    /// Writes a part if it fits beside what is kept free, and returns whether it did.
    pub(super) fn fits(&mut self, part: &str) -> bool {
        self.fits_within(part, LIMIT)
    }

    /// Writes a part if all that is written is then no longer than `most`, and what is kept free
    /// stays free.
    pub(super) fn fits_within(&mut self, part: &str, most: usize) -> bool {
        let length = part.chars().count();
        let fits = self.length + length <= most.min(LIMIT - RESERVE);
        if fits {
            self.length += length;
            self.text.push_str(part);
        }
        fits
    }

    /// Writes a table as far as it fits, and how many rows it does not.
    pub(super) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        self.table_within(head, rows, LIMIT);
    }

    /// Writes a table as far as all that is written is no longer than `most`.
    pub(super) fn table_within(&mut self, head: &[&str], rows: &[Vec<String>], most: usize) {
        let rule = "|---".repeat(head.len());
        if !self.fits(&format!("| {} |\n{rule}|\n", head.join(" | "))) {
            let are = if rows.len() == 1 { "row is" } else { "rows are" };
            return self.last(&format!("**{} {are} left out here.**\n\n", rows.len()));
        }
        let row = |row: &Vec<String>| format!("| {} |\n", row.join(" | "));
        let written = rows.iter().take_while(|one| self.fits_within(&row(one), most));
        let left = rows.len() - written.count();
        if left > 0 {
            let rows = if left == 1 { "row is" } else { "rows are" };
            self.last(&format!("\n**{left} more {rows} left out here.**\n"));
        }
        self.last("\n");
    }

    /// Writes into what is kept free.
    pub(super) fn last(&mut self, part: &str) {
        let length = part.chars().count();
        // A line break ends the text, and it stays below the limit.
        if self.length + length + 1 < LIMIT {
            self.length += length;
            self.text.push_str(part);
        }
    }

    /// Returns what was written, with one line break at its end.
    pub(super) fn into_text(self) -> String {
        format!("{}\n", self.text.trim_end())
    }
}

/// Writes text so that none of it is Markdown, on one line.
pub(super) fn plain(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in clean_lines(text).chars() {
        match c {
            '\n' | '\t' => written.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                written.push('\\');
                written.push(c);
            }
            _ => written.push(c),
        }
    }
    written
}

/// Writes text as code, on one line, in a table or outside.
pub(super) fn code(text: &str) -> String {
    let text = clean_lines(text).replace(['\n', '\t'], " ").replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space keeps backticks at the ends apart from the fence; Markdown drops it again.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Writes a sentence in which backticks mark code; nothing else in it is Markdown.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let written = parts.iter().enumerate().map(|(at, part)| match (at % 2, part.is_empty()) {
        (_, true) => String::new(),
        (0, false) => plain(part),
        (_, false) => code(part),
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, Paper, code, plain, prose};

    #[test]
    fn text_is_never_markdown() {
        assert_eq!(plain("a*b|<c>\n[d]"), r"a\*b\|\<c\> \[d\]");
        assert_eq!(code("a|b"), r"`a\|b`");
        assert_eq!(code("`x``"), "``` `x`` ```");
        assert_eq!(prose("write `a*b`, not *"), r"write `a*b`, not \*");
        assert_eq!(prose("a ` alone"), r"a \` alone");
    }

    #[test]
    fn a_table_that_is_too_long_says_how_many_rows_it_lacks() {
        let mut paper = Paper::default();
        let rows = vec![vec!["x".repeat(995)]; 100];
        paper.table(&["a"], &rows);
        let text = paper.into_text();
        assert!(text.chars().count() < LIMIT, "{}", text.chars().count());
        assert!(
            text.ends_with("**37 more rows are left out here.**\n"),
            "{}",
            &text[text.len() - 60..]
        );
    }
}
