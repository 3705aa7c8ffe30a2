//! Proto3 JSON: what messages look like, how they are read strictly and answered with enums as asked for.
//!
//! Source: protobuf.dev/programming-guides/json.

mod number;
mod read;
mod types;

pub(crate) use number::number;
pub(crate) use read::{parse, read};
pub(crate) use types::{EMPTY, Enum, Field, Kind, Message};

/// `update_mask` as proto3 JSON spells it, `updateMask`.
pub(crate) fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else if upper {
            camel.push(letter.to_ascii_uppercase());
            upper = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}

/// `updateMask` as the proto spells it, `update_mask`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
