//! Finds a function among the binaries and examples of a cargo workspace.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;

use crate::build_error::BuildError;
use crate::cargo_command::cargo;

/// A binary or an example that cargo can build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CargoTarget {
    pub(crate) name: String,
    kind: TargetKind,
    pub(crate) package: String,
    package_id: String,
    /// Whether cargo finds it without `--package`. If so, the build reuses the artifacts of a build of the whole
    /// workspace.
    pub(crate) by_default: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum TargetKind {
    Binary,
    Example,
}

impl TargetKind {
    fn word(self) -> &'static str {
        match self {
            Self::Binary => "bin",
            Self::Example => "example",
        }
    }
}

impl CargoTarget {
    /// Returns the options that select it, apart from its package.
    pub(crate) fn selection(&self) -> String {
        format!("--{}={}", self.kind.word(), self.name)
    }

    /// Returns whether cargo means it by this target of a package.
    pub(crate) fn is(&self, package_id: &str, target: &Target) -> bool {
        self.package_id == package_id && target.name == self.name && target.is(self.kind)
    }
}

#[cfg(test)]
impl CargoTarget {
    /// Returns a binary of a package whose id is its name.
    pub(crate) fn binary(name: &str, package: &str) -> Self {
        let (name, package, package_id) = (name.to_owned(), package.to_owned(), package.to_owned());
        Self { name, kind: TargetKind::Binary, package, package_id, by_default: false }
    }
}

/// Finds targets. Cargo is asked about each folder once.
#[derive(Default)]
pub(crate) struct CargoTargets {
    by_folder: HashMap<PathBuf, Metadata>,
}

impl CargoTargets {
    /// Finds the binary of this name or, if there is none, the example, in the workspace of this folder.
    pub(crate) fn find(
        &mut self,
        name: &str,
        package: Option<&str>,
        folder: &Path,
    ) -> Result<CargoTarget, BuildError> {
        let metadata = match self.by_folder.entry(folder.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(Metadata::read(name, folder)?),
        };
        metadata.find(name, package, folder)
    }
}

/// The parts of cargo's workspace metadata that are used here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    #[serde(default)]
    workspace_default_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    targets: Vec<Target>,
}

/// A target as cargo describes it.
#[derive(Deserialize)]
pub(crate) struct Target {
    name: String,
    kind: Vec<String>,
}

impl Target {
    fn kind(&self) -> Option<TargetKind> {
        [TargetKind::Binary, TargetKind::Example].into_iter().find(|kind| self.is(*kind))
    }

    fn is(&self, kind: TargetKind) -> bool {
        self.kind.iter().any(|word| word == kind.word())
    }
}

impl Metadata {
    /// Asks cargo about the workspace of this folder, to find the target of a name.
    fn read(name: &str, folder: &Path) -> Result<Self, BuildError> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(folder)
            .stderr(Stdio::piped())
            .output()
            .map_err(BuildError::CargoMissing)?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(BuildError::NoWorkspace { name: name.to_owned(), text });
        }
        serde_json::from_slice(&output.stdout).map_err(BuildError::Unreadable)
    }

    fn find(&self, name: &str, package: Option<&str>, folder: &Path) -> Result<CargoTarget, BuildError> {
        let at_root = same_folder(&self.workspace_root, folder);
        let mut found: Vec<CargoTarget> = self
            .targets(package)
            .filter(|(_, target, _)| target.name == name)
            .map(|(package, target, kind)| CargoTarget {
                name: target.name.clone(),
                kind,
                package: package.name.clone(),
                package_id: package.id.clone(),
                by_default: at_root && self.workspace_default_members.contains(&package.id),
            })
            .collect();
        found.sort_by_key(|target| target.kind);
        let Some(best) = found.first().cloned() else {
            return Err(BuildError::Unknown { name: name.to_owned(), known: self.known(package) });
        };
        let packages: Vec<String> = found
            .into_iter()
            .filter(|target| target.kind == best.kind)
            .map(|target| target.package)
            .collect();
        if packages.len() > 1 {
            return Err(BuildError::Ambiguous { name: name.to_owned(), packages });
        }
        Ok(best)
    }

    fn known(&self, package: Option<&str>) -> Vec<String> {
        let mut names: Vec<String> =
            self.targets(package).map(|(_, target, _)| target.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn targets(&self, package: Option<&str>) -> impl Iterator<Item = (&Package, &Target, TargetKind)> {
        self.packages
            .iter()
            .filter(move |candidate| package.is_none_or(|name| candidate.name == name))
            .flat_map(|package| package.targets.iter().map(move |target| (package, target)))
            .filter_map(|(package, target)| target.kind().map(|kind| (package, target, kind)))
    }
}

fn same_folder(left: &Path, right: &Path) -> bool {
    match (left.canonicalize(), right.canonicalize()) {
        (Ok(left), Ok(right)) => left == right,
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        serde_json::from_str(
            r#"{
                "workspace_root": "/w",
                "workspace_default_members": ["one-id"],
                "packages": [
                    {"id": "one-id", "name": "one", "targets": [
                        {"name": "one", "kind": ["lib"]},
                        {"name": "order", "kind": ["example"]},
                        {"name": "twin", "kind": ["bin"]}
                    ]},
                    {"id": "two-id", "name": "two", "targets": [
                        {"name": "order", "kind": ["bin"]},
                        {"name": "twin", "kind": ["bin"]}
                    ]}
                ]
            }"#,
        )
        .unwrap()
    }

    #[test]
    fn a_binary_takes_precedence_over_an_example() {
        let target = metadata().find("order", None, Path::new("/w")).unwrap();

        assert_eq!((target.kind, target.package.as_str()), (TargetKind::Binary, "two"));
    }

    #[test]
    fn the_package_is_passed_to_cargo_only_if_necessary() {
        let outside = metadata().find("order", None, Path::new("/w")).unwrap();
        let inside = metadata().find("order", Some("one"), Path::new("/w")).unwrap();
        let elsewhere = metadata().find("order", Some("one"), Path::new("/w/one")).unwrap();

        assert!(!outside.by_default);
        assert!(inside.by_default);
        assert!(!elsewhere.by_default);
    }

    #[test]
    fn an_unknown_name_lists_the_available_ones() {
        let error = metadata().find("ordr", None, Path::new("/w")).unwrap_err();

        assert_eq!(error.to_string(), "unknown function `ordr`; available: order, twin");
    }

    #[test]
    fn a_library_is_not_a_function() {
        assert!(matches!(metadata().find("one", None, Path::new("/w")), Err(BuildError::Unknown { .. })));
    }

    #[test]
    fn a_name_in_two_packages_is_ambiguous() {
        let error = metadata().find("twin", None, Path::new("/w")).unwrap_err();

        assert_eq!(
            error.to_string(),
            "`twin` is in more than one package; choose one with --package: one, two"
        );
        assert_eq!(metadata().find("twin", Some("two"), Path::new("/w")).unwrap().package, "two");
    }
}
