//! Checks that no modules of a crate import each other, in the packages whose folders are its arguments.
//!
//! Integration tests are not checked: their helpers and the roles that a test binary plays may depend on each other.

mod cycles;
mod module_tree;
mod source;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use crate::cycles::cycles;
use crate::module_tree::ModuleTree;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]
fn main() -> ExitCode {
    match run() {
        Ok(found) if found.is_empty() => {
            println!("module cycles: none");
            ExitCode::SUCCESS
        }
        Ok(found) => {
            found.iter().for_each(|cycle| eprintln!("module cycles: {cycle}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("module cycles: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Describes the cycles of all crates.
fn run() -> Result<Vec<String>, Box<dyn Error>> {
    let mut found = Vec::new();
    for package in env::args_os().skip(1).map(PathBuf::from) {
        for root in roots(&package)? {
            let tree = ModuleTree::read(&root)?;
            for mut cycle in cycles(&tree.uses()) {
                cycle.extend(cycle.first().copied());
                let names: Vec<_> = cycle.into_iter().map(|index| tree.name(index)).collect();
                found.push(format!("{}: {}", root.display(), names.join(" -> ")));
            }
        }
    }
    Ok(found)
}

/// Finds the roots of the crates of a package, where cargo finds them.
fn roots(package: &Path) -> io::Result<Vec<PathBuf>> {
    let source = package.join("src");
    let mut roots = vec![source.join("lib.rs"), source.join("main.rs")];
    let programs = source.join("bin");
    if programs.exists() {
        let programs = fs::read_dir(programs)?.map(|entry| Ok(entry?.path()));
        roots.extend(programs.collect::<io::Result<Vec<_>>>()?);
    }
    roots.retain(|root| root.is_file());
    roots.sort();
    Ok(roots)
}
