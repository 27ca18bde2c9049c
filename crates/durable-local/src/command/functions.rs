//! Builds the functions that the command was asked for.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arguments::{BuildArguments, DataArguments};
use super::cargo_target::CargoTarget;
use super::failure::Failure;
use crate::function::FunctionSettings;
use crate::service::FunctionDefinition;

/// Builds these functions, or takes the program that was given.
pub(super) fn build(
    names: &[String],
    build: &BuildArguments,
    data: &DataArguments,
) -> Result<Vec<FunctionDefinition>, Failure> {
    let programs = match (&build.executable, names) {
        (Some(program), [_]) => vec![existing(program)?],
        (Some(_), _) => return Err(Failure::OneExecutable),
        (None, names) => compile(names, build)?,
    };
    let define = |(name, program): (&String, PathBuf)| {
        let mut settings = FunctionSettings::new(name, program);
        settings.timeout = Duration::from_secs(data.timeout);
        FunctionDefinition::process(settings)
    };
    Ok(names.iter().zip(programs).map(define).collect())
}

fn existing(program: &Path) -> Result<PathBuf, Failure> {
    // A path that is not absolute would be looked up elsewhere if it has no slash.
    match program.canonicalize() {
        Ok(path) if path.is_file() => Ok(path),
        Ok(_) | Err(_) => Err(Failure::NoExecutable(program.to_owned())),
    }
}

fn compile(names: &[String], build: &BuildArguments) -> Result<Vec<PathBuf>, Failure> {
    let folder = env::current_dir()?;
    let package = build.package.as_deref();
    // All are looked up before one is built, so that a mistyped name is told at once.
    let targets: Vec<CargoTarget> =
        names.iter().map(|name| CargoTarget::find(name, package, &folder)).collect::<Result<_, _>>()?;
    Ok(targets.iter().map(|target| target.build(build.release, &folder)).collect::<Result<_, _>>()?)
}
