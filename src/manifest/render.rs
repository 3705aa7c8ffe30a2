//! Draws problems the way compilers do: file, line, the place underlined, and what to do about it.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::problem::{Problem, Problems, Severity, Source, SpanOf};

impl Problems {
    /// Returns the problems as text for people, `width` columns wide.
    ///
    /// No secret that a problem is about is in it.
    pub fn render(&self, colour: bool, width: usize) -> String {
        render(&self.source, &self.problems, colour, width)
    }
}

/// Draws `problems` of `source`, one after the other, each followed by an empty line.
pub fn render(source: &Source, problems: &[Problem], colour: bool, width: usize) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(width);
    let path = source.path.display().to_string();
    let text = shown_text(source);
    let mut drawn = String::new();
    for problem in problems {
        drawn.push_str(&renderer.render(&[group(problem, &text, &path)]));
        drawn.push_str("\n\n");
    }
    drawn
}

fn group<'a>(problem: &'a Problem, text: &'a str, path: &'a str) -> Group<'a> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(problem.message.as_str()).id(problem.code);
    let mut group = match problem.span {
        Some(span) => title.element(snippet(problem, text, path, span)),
        None => title.element(Origin::path(path)),
    };
    for help in &problem.help {
        group = group.element(Element::from(Level::HELP.message(help.as_str())));
    }
    group
}

fn snippet<'a>(
    problem: &'a Problem,
    text: &'a str,
    path: &'a str,
    span: SpanOf,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    // Spans of broken TOML may end inside a character, which cannot be drawn.
    let end = text.ceil_char_boundary(span.end);
    let start = text.floor_char_boundary(span.start.min(end));
    let annotation = AnnotationKind::Primary.span(start..end);
    let label = (!problem.label.is_empty()).then_some(problem.label.as_str());
    Snippet::source(text).path(path).annotation(annotation.label(label))
}

/// Returns the manifest's text with every secret blotted out.
///
/// Each character becomes asterisks of the same width in bytes, so that every span still fits.
fn shown_text(source: &Source) -> String {
    let hidden = |at: usize| source.hidden.iter().any(|span| at >= span.start && at < span.end);
    let mut shown = String::with_capacity(source.text.len());
    for (at, character) in source.text.char_indices() {
        if character != '\n' && hidden(at) {
            shown.extend(std::iter::repeat_n('*', character.len_utf8()));
        } else {
            shown.push(character);
        }
    }
    shown
}
