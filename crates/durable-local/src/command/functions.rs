//! Builds the functions that the command was asked for.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arguments::FunctionOptions;
use super::cargo_target::CargoTarget;
use super::failure::Failure;
use crate::function::FunctionSettings;
use crate::service::FunctionDefinition;

/// The variables that say how much a Rust program tells.
const ALWAYS_PASSED_ON: [&str; 2] = ["RUST_LOG", "RUST_BACKTRACE"];

/// Builds these functions, or takes the program that was given.
pub(super) fn build(names: &[String], options: &FunctionOptions) -> Result<Vec<FunctionDefinition>, Failure> {
    let programs = match (&options.executable, names) {
        (Some(program), [_]) => vec![existing(program)?],
        (Some(_), _) => return Err(Failure::OneExecutable),
        (None, names) => compile(names, options)?,
    };
    let define = |(name, program): (&String, PathBuf)| {
        let mut settings = FunctionSettings::new(name, program);
        settings.timeout = Duration::from_secs(options.timeout);
        settings.environment = environment(&options.env);
        FunctionDefinition::process(settings)
    };
    Ok(names.iter().zip(programs).map(define).collect())
}

/// The variables that a function gets besides those of Lambda.
fn environment(asked_for: &[String]) -> BTreeMap<String, String> {
    let pass_on = |name: &str| Some((name.to_owned(), env::var(name).ok()?));
    let asked_for = asked_for.iter().filter_map(|variable| match variable.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => pass_on(variable),
    });
    ALWAYS_PASSED_ON.into_iter().filter_map(pass_on).chain(asked_for).collect()
}

fn existing(program: &Path) -> Result<PathBuf, Failure> {
    // A path that is not absolute would be looked up elsewhere if it has no slash.
    match program.canonicalize() {
        Ok(path) if path.is_file() => Ok(path),
        Ok(_) | Err(_) => Err(Failure::NoExecutable(program.to_owned())),
    }
}

fn compile(names: &[String], options: &FunctionOptions) -> Result<Vec<PathBuf>, Failure> {
    let folder = env::current_dir()?;
    let package = options.package.as_deref();
    // All are looked up before one is built, so that a mistyped name is told at once.
    let targets: Vec<CargoTarget> =
        names.iter().map(|name| CargoTarget::find(name, package, &folder)).collect::<Result<_, _>>()?;
    Ok(targets.iter().map(|target| target.build(options.release, &folder)).collect::<Result<_, _>>()?)
}
