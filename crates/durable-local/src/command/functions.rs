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

/// Builds these durable functions and the others of the options, or takes the programs that were given.
pub(super) fn build(
    durable: &[String],
    options: &FunctionOptions,
) -> Result<Vec<FunctionDefinition>, Failure> {
    let names: Vec<String> = durable.iter().chain(&options.plain).cloned().collect();
    let programs = match options.executable.as_slice() {
        [] => compile(&names, options)?,
        given => {
            names.iter().map(|name| existing(program(name, &names, given)?)).collect::<Result<_, _>>()?
        }
    };
    let define = |(name, program): (&String, PathBuf)| {
        let mut settings = FunctionSettings::new(name, program);
        settings.timeout = Duration::from_secs(options.timeout);
        settings.environment = environment(&options.env);
        FunctionDefinition::process(settings)
    };
    let definitions = names.iter().zip(programs).map(define);
    let is_plain = |index: usize| index >= durable.len();
    let with_kind = |(index, definition): (usize, FunctionDefinition)| {
        if is_plain(index) { definition.plain() } else { definition }
    };
    Ok(definitions.enumerate().map(with_kind).collect())
}

/// The program that was given for a function: `NAME=FILE`, or `FILE` if there is one function alone.
fn program<'a>(name: &str, names: &[String], given: &'a [String]) -> Result<&'a Path, Failure> {
    let named = given.iter().find_map(|given| given.strip_prefix(name)?.strip_prefix('='));
    match (named, names, given) {
        (Some(file), ..) => Ok(Path::new(file)),
        (None, [_], [file]) => Ok(Path::new(file)),
        _ => Err(Failure::ExecutableMissing(name.to_owned())),
    }
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
