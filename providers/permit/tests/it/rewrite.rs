//! Changes of documents: those that keep what is allowed, and those that widen it.

use serde_json::{Value, json};

use crate::generate::{Dice, Taste, conditions, statement, strings};

/// Writes the same in another way.
pub(crate) fn rewritten(dice: &mut Dice, document: &Value) -> Value {
    let mut statements: Vec<Value> = document["Statement"].as_array().unwrap().clone();
    for _ in 0..=dice.below(3) {
        let at = dice.below(statements.len());
        match dice.below(7) {
            0 => statements.rotate_left(1),
            1 => split(&mut statements, at, "Action"),
            2 => split(&mut statements, at, "Resource"),
            3 => statements.push(statements[at].clone()),
            4 => recase(dice, &mut statements[at]),
            5 => double(&mut statements[at]),
            _ => {
                // Something narrower of the same kind.
                let mut narrower = statements[at].clone();
                if narrower["Condition"].is_null() {
                    narrower["Condition"] = conditions(dice);
                    statements.push(narrower);
                } else {
                    listed(&mut statements[at]);
                }
            }
        }
    }
    json!({"Version": document["Version"], "Statement": statements})
}

/// Makes two statements of one that has a list.
fn split(statements: &mut Vec<Value>, at: usize, element: &str) {
    let names = strings(&statements[at][element]);
    if names.len() < 2 {
        return;
    }
    let mut other = statements[at].clone();
    statements[at][element] = json!(names[0]);
    other[element] = json!(names[1..]);
    statements.push(other);
}

fn recase(dice: &mut Dice, statement: &mut Value) {
    for element in ["Action", "NotAction"] {
        let names = strings(&statement[element]);
        if !names.is_empty() {
            let up = dice.chance(50);
            let case = |n: &String| if up { n.to_uppercase() } else { n.to_lowercase() };
            statement[element] = json!(names.iter().map(case).collect::<Vec<_>>());
        }
    }
}

/// Writes `**` for `*`.
fn double(statement: &mut Value) {
    for element in ["Action", "NotAction", "Resource", "NotResource"] {
        let names = strings(&statement[element]);
        if !names.is_empty() && names.iter().all(|n| !n.contains("${") && !n.starts_with("execute"))
        {
            let double = names.iter().map(|n| n.replace('*', "**"));
            statement[element] = json!(double.collect::<Vec<_>>());
        }
    }
}

fn listed(statement: &mut Value) {
    for element in ["Action", "NotAction", "Resource", "NotResource"] {
        let names = strings(&statement[element]);
        if !names.is_empty() {
            statement[element] = json!(names);
        }
    }
}

/// Allows more, or as much where the change does not matter.
pub(crate) fn widened(dice: &mut Dice, document: &Value, taste: Taste) -> Value {
    let mut statements: Vec<Value> = document["Statement"].as_array().unwrap().clone();
    let at = dice.below(statements.len());
    let allows = statements[at]["Effect"] == "Allow";
    if !allows {
        if dice.chance(60) {
            statements.remove(at);
        } else {
            let more = narrower(dice, &statements[at]);
            statements[at] = more;
        }
    } else if dice.chance(20) {
        let mut more = statement(dice, taste);
        more["Effect"] = json!("Allow");
        statements.push(more);
    } else {
        let one = &mut statements[at];
        match dice.below(3) {
            0 if !one["Condition"].is_null() => {
                one.as_object_mut().unwrap().remove("Condition");
            }
            1 if !one["Resource"].is_null() => {
                let mut names = strings(&one["Resource"]);
                let first = names.remove(0);
                let wide = if dice.chance(50) { format!("{first}*") } else { "*".to_owned() };
                names.push(if first.starts_with("execute") { "*".to_owned() } else { wide });
                one["Resource"] = json!(names);
            }
            _ if !one["Action"].is_null() => {
                let mut names = strings(&one["Action"]);
                let more = ["s3:PutObject", "sts:TagSession", "sts:AssumeRole", "s3:Get*"];
                names.push(dice.pick(&more).to_owned());
                one["Action"] = json!(names);
            }
            _ => {}
        }
    }
    json!({"Version": document["Version"], "Statement": statements})
}

/// The same statement with one more condition.
fn narrower(dice: &mut Dice, statement: &Value) -> Value {
    let mut narrower = statement.clone();
    if narrower["Condition"].is_null() {
        narrower["Condition"] = conditions(dice);
    }
    narrower
}
