//! The files that a function is built from, and stamps that show whether they changed.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The maximum number of files checked per folder, and the maximum depth.
const MAX_FILES: usize = 10_000;
const MAX_DEPTH: usize = 16;

/// The extensions of files that interpreters read.
const ENDINGS: [&str; 7] = ["py", "js", "mjs", "cjs", "json", "toml", "env"];

/// The extensions of files that cargo builds.
const CARGO_ENDINGS: [&str; 3] = ["rs", "toml", "lock"];

/// The modification times and lengths of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp(Vec<(PathBuf, Option<(SystemTime, u64)>)>);

impl Stamp {
    /// Returns the folders in which changes of the files show.
    pub(crate) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        self.0.iter().flat_map(|(file, _)| folders_of(file))
    }

    /// Returns the stamp of these files now.
    pub(crate) fn of(files: &[PathBuf]) -> Self {
        let look = |file: &PathBuf| {
            let seen = fs::metadata(file).ok().filter(fs::Metadata::is_file);
            let seen = seen.and_then(|seen| Some((seen.modified().ok()?, seen.len())));
            (file.clone(), seen)
        };
        Self(files.iter().map(look).collect())
    }
}

/// Returns the sources that cargo built an executable from, as its dep-info file lists them, and the manifests.
pub(crate) fn of_executable(executable: &Path, folder: &Path) -> Vec<PathBuf> {
    let dep_info = fs::read(executable.with_extension("d")).unwrap_or_default();
    let mut files = named(&dep_info);
    files.extend(["Cargo.toml", "Cargo.lock"].map(|name| folder.join(name)));
    files
}

/// Parses the files of a dep-info line, `TARGET: FILE FILE..`. Spaces in names are escaped with a backslash.
fn named(line: &[u8]) -> Vec<PathBuf> {
    let Some(at) = line.windows(2).position(|pair| pair == b": ") else { return Vec::new() };
    let mut files = Vec::new();
    let mut name = Vec::new();
    let mut bytes = line.iter().skip(at.saturating_add(2)).peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if bytes.next_if(|next| **next == b' ').is_some() => name.push(b' '),
            b'\n' => break,
            b' ' => files.push(std::mem::take(&mut name)),
            other => name.push(*other),
        }
    }
    files.push(name);
    files.into_iter().filter(|name| !name.is_empty()).map(|name| OsString::from_vec(name).into()).collect()
}

/// Returns the files of a folder that an interpreter may read, except installed packages.
pub(crate) fn in_folder(folder: &Path) -> Vec<PathBuf> {
    Found::of(folder, &ENDINGS).files
}

/// Returns the files of a cargo workspace that targets may be built from.
pub(crate) fn in_workspace(folder: &Path) -> Vec<PathBuf> {
    Found::of(folder, &CARGO_ENDINGS).files
}

/// Returns a folder and those in it that may contain such files.
pub(crate) fn folders_in(folder: &Path) -> Vec<PathBuf> {
    Found::of(folder, &[]).folders
}

/// Returns the folders in which a file is created, replaced or changed. Those that do not exist yet are represented by
/// the closest one that does.
fn folders_of(file: &Path) -> impl Iterator<Item = PathBuf> {
    let target = file.canonicalize().ok().filter(|target| target != file);
    target.into_iter().chain([file.to_owned()]).filter_map(|file| {
        let parents = file.ancestors().skip(1);
        parents.map(Path::to_owned).find(|folder| folder.is_dir())
    })
}

struct Found<'a> {
    endings: &'a [&'a str],
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl<'a> Found<'a> {
    fn of(folder: &Path, endings: &'a [&'a str]) -> Self {
        let mut found = Self { endings, files: Vec::new(), folders: Vec::new() };
        found.collect(folder, MAX_DEPTH);
        found.files.sort();
        found
    }

    fn has_ending(&self, path: &Path) -> bool {
        path.extension().is_some_and(|ending| self.endings.iter().any(|known| ending == *known))
    }

    fn collect(&mut self, folder: &Path, depth: usize) {
        self.folders.push(folder.to_owned());
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let is_of_others = name.as_bytes().starts_with(b".")
                || ["node_modules", "__pycache__", "target"].iter().any(|other| name == *other)
                // Python virtual environments contain this file, whatever their name.
                || path.join("pyvenv.cfg").exists();
            if is_of_others || self.files.len() >= MAX_FILES {
                continue;
            }
            // Links are not followed, which rules out cycles.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth > 0 => self.collect(&path, depth.saturating_sub(1)),
                Ok(kind) if kind.is_file() && self.has_ending(&path) => self.files.push(path),
                Ok(_) | Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_in_a_dep_info_file_are_parsed() {
        let files = named(b"/t/debug/order: /w/src/main.rs /w/a\\ b/lib.rs\n\nother: x\n");

        assert_eq!(files, [PathBuf::from("/w/src/main.rs"), PathBuf::from("/w/a b/lib.rs")]);
        assert!(named(b"").is_empty());
    }

    #[test]
    fn the_code_of_a_folder_excludes_installed_packages() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            "app.py",
            "lib/part.mjs",
            "node_modules/x/index.js",
            ".git/x.py",
            "notes.txt",
            "python/pyvenv.cfg",
            "python/lib/x.py",
        ];
        for file in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }

        let expected = ["app.py", "lib/part.mjs"].map(|name| folder.path().join(name));
        assert_eq!(in_folder(folder.path()), expected);
        assert_eq!(folders_in(folder.path()), [folder.path().to_owned(), folder.path().join("lib")]);
    }

    #[test]
    fn a_missing_folder_is_represented_by_the_closest_that_exists() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();

        let folders: Vec<_> = folders_of(&folder.join("later/deep/main.rs")).collect();

        assert_eq!(folders, [folder]);
    }

    #[test]
    fn a_link_and_its_target_are_both_watched() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        fs::create_dir_all(folder.join("shared")).unwrap();
        fs::write(folder.join("shared/a"), "").unwrap();
        std::os::unix::fs::symlink("shared/a", folder.join("a")).unwrap();

        let folders: Vec<_> = folders_of(&folder.join("a")).collect();

        assert_eq!(folders, [folder.join("shared"), folder]);
    }

    #[test]
    fn a_changed_added_or_removed_file_changes_the_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let files = [folder.path().join("a"), folder.path().join("b")];
        fs::write(&files[0], "1").unwrap();
        let before = Stamp::of(&files);

        fs::write(&files[0], "22").unwrap();
        let changed = Stamp::of(&files);
        fs::write(&files[1], "").unwrap();

        assert_ne!(before, changed);
        assert_ne!(changed, Stamp::of(&files));
    }
}
