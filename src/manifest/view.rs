//! What a manifest says for one cloud: what differs there is laid over the rest.

use updraft_contract::Cloud;

use super::overlay::{laid_over, overlay};
use super::places::Paths;
use super::problem::Source;
use super::tree::{Item, Node, Table};

/// The keys that what differs on one cloud does not have. They are reported where they are read.
const WITHOUT: [&str; 2] = ["provider", "on"];

/// What a manifest says for one cloud.
pub(super) struct View {
    /// The cloud, or `None` where the manifest declares none.
    pub(super) cloud: Option<Cloud>,
    /// The document, with what differs on the cloud laid over it.
    pub(super) root: Node,
    /// Where everything in it stands.
    pub(super) paths: Paths,
}

/// Returns a view for each cloud the manifest declares, or one of nothing but the base.
pub(super) fn views(root: &Node, source: &Source) -> Vec<View> {
    let declared = root.table().and_then(|table| table.get("provider")?.table());
    let clouds = Cloud::ALL
        .into_iter()
        .filter(|cloud| declared.is_some_and(|declared| declared.get(cloud.word()).is_some()));
    let mut clouds: Vec<Option<Cloud>> = clouds.map(Some).collect();
    if clouds.is_empty() {
        clouds.push(None);
    }
    clouds
        .into_iter()
        .map(|cloud| {
            let root = on(root.clone(), cloud);
            View { cloud, paths: Paths::of(&root, source), root }
        })
        .collect()
}

/// Lays every function over the defaults, and what differs on `cloud` over both.
fn on(mut root: Node, cloud: Option<Cloud>) -> Node {
    let Item::Table(table) = &mut root.item else { return root };
    let mut defaults = table.get("defaults").cloned();
    if let Some(defaults) = &mut defaults {
        lay(defaults, cloud);
        if let Item::Table(defaults) = &mut defaults.item {
            defaults.take("on");
        }
    }
    each(table, "function", |function| {
        *function = laid_over(defaults.as_ref(), function);
        lay(function, cloud);
    });
    each(table, "bucket", |bucket| lay(bucket, cloud));
    each(table, "queue", |queue| lay(queue, cloud));
    root
}

fn each(table: &mut Table, key: &str, mut change: impl FnMut(&mut Node)) {
    let Some(entry) = table.0.iter_mut().find(|entry| entry.key == key) else { return };
    let Item::Table(named) = &mut entry.value.item else { return };
    for entry in &mut named.0 {
        change(&mut entry.value);
    }
}

/// Lays `on.CLOUD` over the table it stands in.
fn lay(node: &mut Node, cloud: Option<Cloud>) {
    let Item::Table(table) = &mut node.item else { return };
    let over = cloud.and_then(|cloud| table.get("on")?.table()?.get(cloud.word())?.table());
    let Some(mut over) = over.cloned() else { return };
    over.0.retain(|entry| !WITHOUT.contains(&entry.key.as_str()));
    overlay(table, &over);
}
