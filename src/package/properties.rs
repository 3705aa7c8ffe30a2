//! What holds for every tree: the bytes depend on its content alone, and the archive reads back as the tree.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use updraft_contract::Artifact;

use super::{Options, package};

/// A tree as the tests write it: path to content and executable bit.
pub(super) type Tree = BTreeMap<String, (Vec<u8>, bool)>;

fn trees() -> impl Strategy<Value = Tree> {
    let part = "[a-z]{1,3}";
    let path = prop::collection::vec(part, 0..3);
    let file = (
        path,
        "[a-z]{1,4}\\.(py|js|txt)",
        prop::collection::vec(any::<u8>(), 0..200),
        any::<bool>(),
    );
    prop::collection::vec(file, 1..12).prop_map(|files| {
        let named = files.into_iter().map(|(mut folders, name, bytes, executable)| {
            folders.push(name);
            (folders.join("/"), (bytes, executable))
        });
        named.collect()
    })
}

/// Writes a tree, its files in the order of `order`, with its bits masked and its times set as told.
fn write(tree: &Tree, root: &Path, order: usize, mask: u32, age: Duration) {
    let mut files: Vec<_> = tree.iter().collect();
    let turns = order % files.len();
    files.rotate_left(turns);
    if order % 2 == 1 {
        files.reverse();
    }
    for (path, (bytes, executable)) in files {
        let place = root.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, bytes).unwrap();
        permit(&place, if *executable { 0o777 } else { 0o666 } & !mask);
        File::open(&place).unwrap().set_modified(SystemTime::UNIX_EPOCH + age).unwrap();
    }
}

#[cfg(unix)]
pub(super) fn permit(place: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(place, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
pub(super) fn permit(_place: &Path, _mode: u32) {}

pub(super) fn packaged(root: &Path) -> Artifact {
    package(root, &Options::default()).unwrap()
}

/// Reads an archive back as the tree it was made from.
pub(super) fn reread(artifact: &Artifact) -> Tree {
    let mut zip = zip::ZipArchive::new(Cursor::new(artifact.bytes.as_ref())).unwrap();
    let mut tree = Tree::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let path = String::from_utf8(file.name_raw().to_vec()).unwrap();
        let mode = file.unix_mode().unwrap() & 0o777;
        assert!(mode == 0o644 || mode == 0o755, "{path}: {mode:o}");
        assert_eq!(file.last_modified(), Some(zip::DateTime::DEFAULT), "{path}");
        tree.insert(path, (bytes, mode == 0o755));
    }
    tree
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn times_umask_and_order_of_creation_do_not_show(tree in trees(), order in 0usize..12) {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(&tree, one.path(), 0, 0o022, Duration::from_secs(1_000_000_000));
        write(&tree, other.path(), order, 0o077, Duration::from_secs(1_700_000_000));
        prop_assert_eq!(packaged(one.path()), packaged(other.path()));
    }

    #[test]
    fn the_archive_reads_back_as_the_tree(tree in trees()) {
        let folder = tempfile::tempdir().unwrap();
        write(&tree, folder.path(), 0, 0o022, Duration::ZERO);
        prop_assert_eq!(reread(&packaged(folder.path())), tree);
    }

    #[test]
    fn every_change_of_content_or_path_shows_in_the_digest(tree in trees(), pick in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        write(&tree, folder.path(), 0, 0o022, Duration::ZERO);
        let before = packaged(folder.path());
        let path = tree.keys().nth(pick.index(tree.len())).unwrap().clone();
        let place = folder.path().join(&path);
        let mut bytes = tree[&path].0.clone();
        bytes.push(b'!');
        fs::write(&place, bytes).unwrap();
        let changed = packaged(folder.path());
        fs::write(&place, &tree[&path].0).unwrap();
        fs::rename(&place, place.with_extension("renamed")).unwrap();
        let renamed = packaged(folder.path());
        prop_assert_ne!(&before.digest, &changed.digest);
        prop_assert_ne!(&before.digest, &renamed.digest);
    }
}
