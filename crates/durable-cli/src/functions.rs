//! The functions named on the command line.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use durable_functions::FunctionSettings;
use durable_functions::environment::{passed_on, unpassable, unsettable};
use durable_local::FunctionDefinition;

use crate::arguments::FunctionOptions;
use crate::build_error::BuildError;
use crate::cargo_build::CargoProgram;
use crate::cargo_target::CargoTargets;
use crate::failure::Failure;
use crate::served_function::{Origin, ServedFunction};

/// Looks up these durable functions and those of the options, or uses the programs that the options name. Nothing is
/// built yet.
pub(crate) fn named(durable: &[String], options: &FunctionOptions) -> Result<Vec<ServedFunction>, Failure> {
    let environment = environment(&options.env)?;
    let names: Vec<String> = durable.iter().chain(&options.plain).cloned().collect();
    let programs: Vec<(PathBuf, Origin)> = match options.executable.as_slice() {
        [] => targets(&names, options)?,
        given => {
            let found = |name: &String| Ok((existing(program(name, &names, given)?)?, Origin::Found));
            names.iter().map(found).collect::<Result<_, Failure>>()?
        }
    };
    let serve = |(index, (name, (program, origin))): (usize, (&String, (PathBuf, Origin)))| {
        let mut settings = FunctionSettings::new(name, program);
        if let Some(seconds) = options.timeout {
            settings.timeout = Duration::from_secs(seconds);
        }
        settings.environment = environment.clone();
        let definition = FunctionDefinition::process(settings);
        let is_plain = index >= durable.len();
        ServedFunction::new(if is_plain { definition.plain() } else { definition }, origin)
    };
    Ok(names.iter().zip(programs).enumerate().map(serve).collect())
}

/// Returns the program given for a function: `NAME=FILE`, or `FILE` if there is only one function.
fn program<'a>(name: &str, names: &[String], given: &'a [String]) -> Result<&'a Path, Failure> {
    let named = given.iter().find_map(|given| given.strip_prefix(name)?.strip_prefix('='));
    match (named, names, given) {
        (Some(file), ..) => Ok(Path::new(file)),
        (None, [_], [file]) => Ok(Path::new(file)),
        _ => Err(Failure::ExecutableMissing(name.to_owned())),
    }
}

/// Returns the environment variables that a function gets in addition to those of Lambda.
fn environment(variables: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let problem = |variable: &String| match variable.split_once('=') {
        Some((name, _)) => unsettable(name),
        None => unpassable(variable),
    };
    if let Some(problem) = variables.iter().find_map(problem) {
        return Err(Failure::Usage(format!("--env: {problem}")));
    }
    let set = variables.iter().filter_map(|variable| variable.split_once('='));
    let set = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let others = variables.iter().map(String::as_str).filter(|variable| !variable.contains('='));
    Ok(passed_on(others).chain(set).collect())
}

fn existing(program: &Path) -> Result<PathBuf, Failure> {
    // A path that is not absolute would be looked up elsewhere if it has no slash.
    match program.canonicalize() {
        Ok(path) if path.is_file() => Ok(path),
        Ok(_) | Err(_) => Err(Failure::NoExecutable(program.to_owned())),
    }
}

/// Looks up cargo targets, whose programs are still to be built.
fn targets(names: &[String], options: &FunctionOptions) -> Result<Vec<(PathBuf, Origin)>, Failure> {
    let folder = env::current_dir()?;
    let mut targets = CargoTargets::default();
    let origin = |name: &String| {
        let target = targets.find(name, options.package.as_deref(), &folder)?;
        let program = CargoProgram { target, release: options.release, folder: folder.clone() };
        Ok((PathBuf::new(), Origin::Built(program)))
    };
    Ok(names.iter().map(origin).collect::<Result<_, BuildError>>()?)
}
