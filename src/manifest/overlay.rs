//! Lays one table over another: a stage over the base, a function over the defaults.

use super::tree::{Item, Node, Table};

/// Lays `over` over `base`: tables are merged, everything else is replaced.
pub(super) fn overlay(base: &mut Table, over: &Table) {
    for entry in &over.0 {
        match base.0.iter_mut().find(|old| old.key == entry.key) {
            None => base.0.push(entry.clone()),
            Some(old) => match (&mut old.value.item, &entry.value.item) {
                (Item::Table(below), Item::Table(above)) if !is_choice(below, above) => {
                    overlay(below, above);
                }
                _ => old.value = entry.value.clone(),
            },
        }
    }
}

/// Returns whether two tables are alternatives, of which only one can hold.
///
/// A schedule is a rate or a cron expression; laying one over the other would give both.
fn is_choice(below: &Table, above: &Table) -> bool {
    let has = |table: &Table, key| table.get(key).is_some();
    (has(below, "rate") && has(above, "cron")) || (has(below, "cron") && has(above, "rate"))
}

/// Returns `base` with `over` laid over it, at the place of `over`.
pub(super) fn laid_over(base: Option<&Node>, over: &Node) -> Node {
    let (Some(Item::Table(below)), Item::Table(above)) = (base.map(|node| &node.item), &over.item)
    else {
        return over.clone();
    };
    let mut merged = below.clone();
    overlay(&mut merged, above);
    Node { span: over.span.clone(), item: Item::Table(merged) }
}

#[cfg(test)]
mod tests {
    use super::overlay;
    use crate::manifest::Source;
    use crate::manifest::tree::{Table, parse};
    use std::path::Path;

    fn table(text: &str) -> Table {
        parse(&Source::new(Path::new("x.toml"), text)).unwrap().table().unwrap().clone()
    }

    #[test]
    fn tables_are_merged_and_lists_replaced() {
        let mut base = table("a = 1\nlist = [1, 2]\n[t]\nx = 1\ny = 1\n");
        overlay(&mut base, &table("list = [3]\n[t]\ny = 2\nz = 3\n"));
        let t = base.get("t").and_then(|node| node.table()).unwrap();
        let keys: Vec<_> = t.0.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["x", "y", "z"]);
        assert_eq!(base.get("list").map(|node| node.item.what()), Some("a list"));
        assert_eq!(base.0.len(), 3);
    }
}
