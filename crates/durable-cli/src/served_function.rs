//! A function that the command serves, and how it is rebuilt when its sources change.

use std::path::{Path, PathBuf};

use durable_functions::{FunctionSettings, RemoteSettings};
use durable_local::{FunctionCode, FunctionDefinition};

use crate::cargo_target::{BuildError, CargoTarget};
use crate::config::{CargoBuild, ConfiguredFunction, FunctionSource};
use crate::failure::Failure;
use crate::preflight::preflight;
use crate::sources::{self, Stamp};

/// A function that the command serves.
pub(crate) struct ServedFunction {
    pub(crate) definition: FunctionDefinition,
    pub(crate) origin: Origin,
}

/// The origin of the program of a function.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// Cargo builds it.
    Built { target: CargoTarget, release: bool, folder: PathBuf },
    /// An existing program, and the files that its arguments name.
    Found,
    /// Code in a folder, which an interpreter reads.
    Interpreted,
    /// A process that the command does not start.
    Elsewhere,
}

impl ServedFunction {
    /// Sets an environment variable of the function, unless it has been set.
    pub(crate) fn set_default_variable(&mut self, name: &str, value: &str) {
        match &mut self.definition.code {
            FunctionCode::Process(settings) => {
                settings.environment.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
            FunctionCode::Remote(_) | FunctionCode::InProcess(_) => {}
        }
    }
}

impl Origin {
    /// Returns the stamp of everything that the function is built from.
    pub(crate) fn stamp(&self, settings: &FunctionSettings) -> Stamp {
        match self {
            Self::Built { folder, .. } => Stamp::of(&sources::of_executable(&settings.program, folder)),
            Self::Found => {
                let folder = settings.folder.as_deref().unwrap_or(Path::new(""));
                Stamp::of(
                    &settings.arguments.iter().map(|argument| folder.join(argument)).collect::<Vec<_>>(),
                )
            }
            Self::Interpreted => {
                Stamp::of(&settings.folder.as_deref().map(sources::in_folder).unwrap_or_default())
            }
            Self::Elsewhere => Stamp::default(),
        }
    }

    /// Returns the folders in which code may appear, apart from those of the files in its stamp.
    pub(crate) fn folders(&self, settings: &FunctionSettings) -> Vec<PathBuf> {
        match self {
            Self::Interpreted => settings.folder.as_deref().map(sources::folders_in).unwrap_or_default(),
            Self::Built { .. } | Self::Found | Self::Elsewhere => Vec::new(),
        }
    }

    /// Builds the program of the function and returns its path, if cargo builds it.
    pub(crate) fn build(&self) -> Result<Option<PathBuf>, BuildError> {
        match self {
            Self::Built { target, release, folder } => target.build(*release, folder).map(Some),
            Self::Found | Self::Interpreted | Self::Elsewhere => Ok(None),
        }
    }
}

/// Builds the functions of a `durable.toml`.
pub(crate) fn configured(functions: Vec<ConfiguredFunction>) -> Result<Vec<ServedFunction>, Failure> {
    // All functions are looked up before any is built, so that a mistyped name is reported at once.
    let origins: Vec<Origin> =
        functions.iter().map(|function| origin(&function.source)).collect::<Result<_, BuildError>>()?;
    functions.into_iter().zip(origins).map(|(function, origin)| serve(function, origin)).collect()
}

fn origin(source: &FunctionSource) -> Result<Origin, BuildError> {
    Ok(match source {
        FunctionSource::Cargo(CargoBuild { target, package, release, folder }) => Origin::Built {
            target: CargoTarget::find(target, package.as_deref(), folder)?,
            release: *release,
            folder: folder.clone(),
        },
        FunctionSource::Program { .. } => Origin::Found,
        FunctionSource::Handler { .. } => Origin::Interpreted,
        FunctionSource::Remote(_) => Origin::Elsewhere,
    })
}

fn serve(function: ConfiguredFunction, origin: Origin) -> Result<ServedFunction, Failure> {
    let ConfiguredFunction { source, mut settings, durable_config, versions, is_plain } = function;
    let name = settings.name.clone();
    let definition = match source {
        FunctionSource::Remote(endpoint) => FunctionDefinition::remote(
            name,
            RemoteSettings { endpoint, timeout: settings.timeout, concurrency: settings.concurrency },
        ),
        FunctionSource::Cargo(_) | FunctionSource::Program { .. } | FunctionSource::Handler { .. } => {
            if let Some(program) = origin.build()? {
                settings.program = program;
            }
            preflight(&settings).map_err(|problem| Failure::NotStartable { name, problem })?;
            FunctionDefinition::process(settings)
        }
    };
    let definition = definition.with_durable_config(durable_config).with_versions(versions);
    let definition = if is_plain { definition.plain() } else { definition };
    Ok(ServedFunction { definition, origin })
}

impl ServedFunction {
    /// Returns the settings of its processes, if it has any.
    pub(crate) fn settings(&self) -> Option<&FunctionSettings> {
        match &self.definition.code {
            FunctionCode::Process(settings) => Some(settings),
            FunctionCode::Remote(_) | FunctionCode::InProcess(_) => None,
        }
    }
}
