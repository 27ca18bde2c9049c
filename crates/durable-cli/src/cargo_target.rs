//! Finds a function among the binaries and examples of a cargo workspace, and builds it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fmt, io};

use serde::Deserialize;

/// A binary or an example that cargo can build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CargoTarget {
    name: String,
    kind: TargetKind,
    package: String,
    /// Whether cargo finds it without `--package`. If so, the build reuses the artifacts of a build of the whole
    /// workspace.
    by_default: bool,
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
    /// Finds the binary of this name or, if there is none, the example, in the workspace of this folder.
    pub(crate) fn find(name: &str, package: Option<&str>, folder: &Path) -> Result<Self, BuildError> {
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
        let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(BuildError::Unreadable)?;
        metadata.find(name, package, folder)
    }

    /// Builds it and returns the path of the executable.
    pub(crate) fn build(&self, release: bool, folder: &Path) -> Result<PathBuf, BuildError> {
        let output = cargo()
            .arg("build")
            .args(["--message-format", "json-render-diagnostics"])
            .args([format!("--{}", self.kind.word()), self.name.clone()])
            .args((!self.by_default).then(|| format!("--package={}", self.package)))
            .args(release.then_some("--release"))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(BuildError::CargoMissing)?;
        if !output.status.success() {
            return Err(BuildError::Failed(self.name.clone()));
        }
        executable(&output.stdout, &self.name, self.kind)
            .ok_or_else(|| BuildError::NoExecutable(self.name.clone()))
    }
}

/// Returns a command for the cargo that runs this process, or for the one in `PATH`.
fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    // `cargo run` sets variables about the program's own package. A build script that reads them would see a change,
    // and everything that depends on it would be recompiled.
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_package(name)) {
        cargo.env_remove(name);
    }
    cargo
}

fn is_of_package(variable: &OsStr) -> bool {
    variable
        .to_str()
        .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
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

#[derive(Deserialize)]
struct Target {
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
    fn find(&self, name: &str, package: Option<&str>, folder: &Path) -> Result<CargoTarget, BuildError> {
        let at_root = same_folder(&self.workspace_root, folder);
        let mut found: Vec<CargoTarget> = self
            .targets(package)
            .filter(|(_, target, _)| target.name == name)
            .map(|(package, target, kind)| CargoTarget {
                name: target.name.clone(),
                kind,
                package: package.name.clone(),
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

/// One line that cargo prints while it builds.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

fn executable(messages: &[u8], name: &str, kind: TargetKind) -> Option<PathBuf> {
    messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter(|message| message.target.as_ref().is_some_and(|built| built.name == name && built.is(kind)))
        .find_map(|message| message.executable)
}

/// The error of a function that cannot be built.
#[derive(Debug)]
pub(crate) enum BuildError {
    /// Cargo is not installed.
    CargoMissing(io::Error),
    /// There is no workspace, or its manifest is invalid.
    NoWorkspace { name: String, text: String },
    /// The metadata of the workspace cannot be parsed.
    Unreadable(serde_json::Error),
    /// No binary and no example has this name.
    Unknown { name: String, known: Vec<String> },
    /// More than one package has a target of this name.
    Ambiguous { name: String, packages: Vec<String> },
    /// The build failed; cargo has printed the errors to standard error.
    Failed(String),
    /// Cargo succeeded but named no executable.
    NoExecutable(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CargoMissing(error) => {
                write!(
                    f,
                    "cannot run cargo: {error}; install Rust, or specify a built program with --executable"
                )
            }
            Self::NoWorkspace { name, text } => write!(
                f,
                "no cargo workspace found to build `{name}`; run the command inside one, or configure the function with \
                 --executable or in durable.toml\n{text}"
            ),
            Self::Unreadable(error) => write!(f, "cannot parse the output of `cargo metadata`: {error}"),
            Self::Unknown { name, known } if known.is_empty() => {
                write!(f, "unknown function `{name}`; the workspace has no binaries or examples")
            }
            Self::Unknown { name, known } => {
                write!(f, "unknown function `{name}`; available: {}", known.join(", "))
            }
            Self::Ambiguous { name, packages } => write!(
                f,
                "`{name}` is in more than one package; choose one with --package: {}",
                packages.join(", ")
            ),
            Self::Failed(name) => write!(f, "failed to build `{name}`; see the output of cargo above"),
            Self::NoExecutable(name) => write!(f, "cargo built `{name}` but named no executable"),
        }
    }
}

impl std::error::Error for BuildError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_does_not_inherit_variables_of_the_running_package() {
        let cargo = cargo();

        let forgotten: Vec<_> = cargo.get_envs().filter(|(_, value)| value.is_none()).collect();
        // Cargo sets these variables for this test.
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert!(forgotten.iter().any(|(other, _)| *other == name), "{name}");
        }
    }

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

    #[test]
    fn the_executable_is_read_from_the_messages_of_the_build() {
        let messages = concat!(
            "warning: not json\n",
            r#"{"reason":"compiler-artifact","target":{"name":"order","kind":["lib"]},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"order","kind":["bin"]},"executable":"/t/order"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );

        let found = executable(messages.as_bytes(), "order", TargetKind::Binary);

        assert_eq!(found, Some(PathBuf::from("/t/order")));
        assert_eq!(executable(messages.as_bytes(), "order", TargetKind::Example), None);
    }
}
