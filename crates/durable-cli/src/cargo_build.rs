//! Builds programs with as few calls of cargo as possible.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde::Deserialize;

use crate::build_error::BuildError;
use crate::cargo_command::cargo;
use crate::cargo_target::{CargoTarget, Target};

/// A cargo target, and how it is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CargoProgram {
    pub(crate) target: CargoTarget,
    pub(crate) release: bool,
    /// The folder of the workspace, or a folder in it.
    pub(crate) folder: PathBuf,
}

/// The outcome of building programs of several functions.
#[derive(Default)]
pub(crate) struct Built {
    /// The programs, by function. A function that is missing here could not be built.
    pub(crate) programs: BTreeMap<String, PathBuf>,
    pub(crate) unbuilt: Vec<Unbuilt>,
}

/// The functions whose programs could not be built in one call of cargo.
pub(crate) struct Unbuilt {
    pub(crate) functions: Vec<String>,
    pub(crate) error: BuildError,
}

/// What the programs of one call of cargo have in common. Cargo unifies the features of all packages of a call, so
/// programs whose packages are selected in different ways have calls of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Call<'a> {
    folder: &'a Path,
    release: bool,
    /// Whether cargo selects the packages.
    by_default: bool,
}

/// A program that is built, and the function that it is for.
type Part<'a> = (&'a str, &'a CargoProgram);

/// Builds the programs of functions, which are given by name. Those that can share a call of cargo do; one that cannot be
/// built does not affect the others.
///
/// `others` are programs that are not built now. Their packages are selected as well, so that the features of shared
/// dependencies stay the same and nothing is compiled again for another set of features.
pub(crate) fn build(parts: &[Part<'_>], others: &[&CargoProgram]) -> Built {
    let mut calls: BTreeMap<Call<'_>, Vec<Part<'_>>> = BTreeMap::new();
    for (function, program) in parts {
        calls.entry(program.call()).or_default().push((function, program));
    }
    let mut built = Built::default();
    for (call, parts) in calls {
        let others = others.iter().copied().filter(|program| program.call() == call);
        let programs = parts.iter().map(|(_, program)| *program).chain(others);
        let targets = programs.map(|program| &program.target).filter(|target| !target.by_default);
        let packages = targets.map(|target| target.package.as_str()).collect();
        built.add(call.run(&packages, &parts), &parts);
    }
    built
}

impl CargoProgram {
    fn call(&self) -> Call<'_> {
        Call { folder: &self.folder, release: self.release, by_default: self.target.by_default }
    }
}

impl Call<'_> {
    fn run(self, packages: &BTreeSet<&str>, parts: &[Part<'_>]) -> io::Result<Output> {
        let selections: BTreeSet<String> =
            parts.iter().map(|(_, program)| program.target.selection()).collect();
        cargo()
            .arg("build")
            .args(["--message-format", "json-render-diagnostics"])
            // A target that fails does not prevent the others.
            .arg("--keep-going")
            .args(packages.iter().map(|package| format!("--package={package}")))
            .args(selections)
            .args(self.release.then_some("--release"))
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
    }
}

impl Built {
    fn add(&mut self, output: io::Result<Output>, parts: &[Part<'_>]) {
        let output = match output {
            Ok(output) => output,
            Err(error) => {
                let functions = parts.iter().map(|(function, _)| (*function).to_owned()).collect();
                return self.unbuilt.push(Unbuilt { functions, error: BuildError::CargoMissing(error) });
            }
        };
        let messages = messages(&output.stdout);
        let mut failed = Vec::new();
        for (function, program) in parts {
            // The exit status says only that something failed.
            match messages.iter().find_map(|message| message.executable_of(&program.target)) {
                Some(built) => drop(self.programs.insert((*function).to_owned(), built.to_owned())),
                None => failed.push((*function).to_owned()),
            }
        }
        if failed.is_empty() {
            return;
        }
        let functions = failed.clone();
        let error = if output.status.success() {
            BuildError::NoExecutable(failed)
        } else {
            BuildError::Failed(failed)
        };
        self.unbuilt.push(Unbuilt { functions, error });
    }
}

/// One line that cargo prints while it builds.
#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: Option<String>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

impl Message {
    /// Returns the executable of a target, if the message is about that.
    fn executable_of(&self, target: &CargoTarget) -> Option<&Path> {
        let is_target = target.is(self.package_id.as_deref()?, self.target.as_ref()?);
        self.executable.as_deref().filter(|_| is_target)
    }
}

/// Returns the messages about artifacts.
fn messages(output: &[u8]) -> Vec<Message> {
    output
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_read_from_the_messages_of_its_package() {
        let output = [
            "warning: not json",
            r#"{"reason":"compiler-artifact","package_id":"two","target":{"name":"order","kind":["bin"]},"executable":"/t/2"}"#,
            r#"{"reason":"compiler-artifact","package_id":"one","target":{"name":"order","kind":["lib"]},"executable":null}"#,
            r#"{"reason":"compiler-artifact","package_id":"one","target":{"name":"order","kind":["bin"]},"executable":"/t/1"}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ];
        let messages = messages(output.join("\n").as_bytes());
        let found = |target: &CargoTarget| messages.iter().find_map(|message| message.executable_of(target));

        assert_eq!(found(&CargoTarget::binary("order", "one")), Some(Path::new("/t/1")));
        assert_eq!(found(&CargoTarget::binary("order", "two")), Some(Path::new("/t/2")));
        assert_eq!(found(&CargoTarget::binary("order", "three")), None);
    }
}
