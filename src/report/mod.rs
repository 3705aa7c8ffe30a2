//! Everything that prints. Answers go to standard output; progress and problems to standard error.
//!
//! What is printed is built as text first, from values, so that it can be tested as text. Colour
//! repeats meaning and never carries it: without colour the text is the same.

mod clean;
pub mod html;
pub mod human;
pub mod json;
pub mod markdown;
mod paint;
mod permission;
mod printer;
pub mod sarif;
mod sheet;
mod watch;

pub use clean::{clean, clean_lines, quoted};
pub use printer::Printer;
pub use sheet::Sheet;
pub use watch::{Audience, Watch};
