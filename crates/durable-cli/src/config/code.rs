//! Where the code of a function comes from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use durable_functions::Runtime;
use durable_host::endpoint::Endpoint;
use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::place::Source;

/// Where the code of a function comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FunctionSource {
    /// A target of cargo, which is built.
    Cargo(CargoBuild),
    /// An existing program.
    Program { program: PathBuf, arguments: Vec<OsString> },
    /// A handler, run by the runtime of its language.
    Handler { runtime: Runtime, interpreter: Option<PathBuf>, handler: String },
    /// A separate service, invoked over HTTP.
    Remote(Endpoint),
}

/// A target that cargo builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CargoBuild {
    /// A binary or an example.
    pub(crate) target: String,
    pub(crate) package: Option<String>,
    pub(crate) release: bool,
    /// The folder of the workspace, or a folder in it.
    pub(crate) folder: PathBuf,
}

/// `cargo` as parsed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CargoTable {
    target: Option<String>,
    package: Option<String>,
    release: bool,
}

/// The keys that select the code, as parsed.
#[derive(Default)]
pub(super) struct CodeKeys {
    pub(super) command: Option<Spanned<Vec<String>>>,
    pub(super) cargo: Option<Spanned<CargoKey>>,
    pub(super) runtime: Option<Spanned<Runtime>>,
    pub(super) handler: Option<Spanned<String>>,
    pub(super) interpreter: Option<Spanned<PathBuf>>,
    pub(super) endpoint: Option<Spanned<String>>,
}

/// `cargo = { .. }`.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct CargoKey(CargoTable);

impl CodeKeys {
    /// Returns the source that the keys select for the function `name`. The default is the cargo target of that name.
    pub(super) fn check(self, name: &str, source: &Source<'_>) -> Result<FunctionSource, ConfigError> {
        self.check_single_source(source)?;
        self.check_runtime_keys(source)?;
        let Self { command, cargo, runtime, handler, interpreter, endpoint } = self;
        if let Some(command) = command {
            return program(&command, source);
        }
        if let Some(runtime) = runtime {
            let Some(handler) = handler else {
                let problem = "`runtime` needs a `handler`, such as \"index.handler\"";
                return Err(source.error_at(runtime.span(), problem));
            };
            let interpreter =
                source.path("interpreter", interpreter)?.map(|path| resolved(path, source.folder));
            let is_complete = |(file, function): (&str, &str)| !file.is_empty() && !function.is_empty();
            if !handler.get_ref().rsplit_once('.').is_some_and(is_complete) {
                let problem = "`handler` must name a file and a function in it, such as \"index.handler\"";
                return Err(source.error_at(handler.span(), problem));
            }
            source.without_nul("handler", handler.get_ref(), handler.span())?;
            let (runtime, handler) = (runtime.into_inner(), handler.into_inner());
            return Ok(FunctionSource::Handler { runtime, interpreter, handler });
        }
        if let Some(endpoint) = endpoint {
            let parsed = Endpoint::parse(endpoint.get_ref())
                .map_err(|problem| source.error_at(endpoint.span(), format!("`endpoint` {problem}")))?;
            return Ok(FunctionSource::Remote(parsed));
        }
        let table = match cargo {
            Some(cargo) => checked_cargo(cargo, source)?,
            None => CargoTable::default(),
        };
        Ok(FunctionSource::Cargo(CargoBuild {
            target: table.target.unwrap_or_else(|| name.to_owned()),
            package: table.package,
            release: table.release,
            folder: source.folder.to_owned(),
        }))
    }

    /// Rejects keys that require `runtime` if it is missing.
    fn check_runtime_keys(&self, source: &Source<'_>) -> Result<(), ConfigError> {
        let handler = self.handler.as_ref().map(|handler| ("handler", handler.span()));
        let interpreter = self.interpreter.as_ref().map(|interpreter| ("interpreter", interpreter.span()));
        match handler.or(interpreter) {
            Some((key, place)) if self.runtime.is_none() => {
                Err(source.error_at(place, format!("`{key}` needs a `runtime`, \"python\" or \"node\"")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_single_source(&self, source: &Source<'_>) -> Result<(), ConfigError> {
        let mut places: Vec<_> = [
            self.command.as_ref().map(Spanned::span),
            self.cargo.as_ref().map(Spanned::span),
            self.runtime.as_ref().map(Spanned::span),
            self.endpoint.as_ref().map(Spanned::span),
        ]
        .into_iter()
        .flatten()
        .collect();
        places.sort_by_key(|place| place.start);
        match places.into_iter().nth(1) {
            Some(second) => Err(source.error_at(
                second,
                "a function must have only one of `command`, `cargo`, `runtime` and `endpoint`",
            )),
            None => Ok(()),
        }
    }
}

fn checked_cargo(cargo: Spanned<CargoKey>, source: &Source<'_>) -> Result<CargoTable, ConfigError> {
    let at = cargo.span();
    let table = cargo.into_inner().0;
    for (key, value) in [("cargo.target", &table.target), ("cargo.package", &table.package)] {
        if let Some(value) = value {
            source.text(key, value, at.clone())?;
        }
    }
    Ok(table)
}

fn program(command: &Spanned<Vec<String>>, source: &Source<'_>) -> Result<FunctionSource, ConfigError> {
    let Some((program, arguments)) = command.get_ref().split_first() else {
        return Err(source.error_at(command.span(), "`command` must name a program"));
    };
    if program.is_empty() {
        return Err(source.error_at(command.span(), "`command` must name a program"));
    }
    for argument in command.get_ref() {
        source.without_nul("command", argument, command.span())?;
    }
    Ok(FunctionSource::Program {
        program: resolved(PathBuf::from(program), source.folder),
        arguments: arguments.iter().map(OsString::from).collect(),
    })
}

/// Resolves the path of a program. A program without a slash is found in `PATH`.
fn resolved(program: PathBuf, folder: &Path) -> PathBuf {
    if program.components().count() > 1 { folder.join(program) } else { program }
}
