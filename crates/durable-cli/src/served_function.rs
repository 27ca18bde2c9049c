//! A function that the command serves, and the files that it is built from.

use std::path::{Path, PathBuf};

use durable_functions::{FunctionSettings, RemoteSettings};
use durable_local::{FunctionCode, FunctionDefinition};

use crate::build_error::BuildError;
use crate::cargo_build::{self, Built, CargoProgram};
use crate::cargo_target::CargoTargets;
use crate::config::{CargoBuild, ConfiguredFunction, FunctionSource};
use crate::failure::Failure;
use crate::preflight::{preflight, preflight_folder};
use crate::sources::{self, Stamp};

/// The variable that sets the divergence policy.
const ON_DIVERGENCE: &str = "DURABLE_ON_DIVERGENCE";

/// A function that the command serves.
#[derive(Clone)]
pub(crate) struct ServedFunction {
    pub(crate) definition: FunctionDefinition,
    pub(crate) origin: Origin,
    /// Whether its program exists. If not, the function is served once cargo has built it.
    pub(crate) is_built: bool,
}

/// The origin of the program of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Cargo builds it.
    Built(CargoProgram),
    /// An existing program, and the files that its arguments name.
    Found,
    /// Code in a folder, which an interpreter reads.
    Interpreted,
    /// A process that the command does not start.
    Elsewhere,
}

impl ServedFunction {
    /// Creates a function, whose program is still to be built if cargo builds it.
    pub(crate) fn new(definition: FunctionDefinition, origin: Origin) -> Self {
        let is_built = !matches!(origin, Origin::Built(_));
        Self { definition, origin, is_built }
    }

    /// Sets the divergence policy of development, unless another is set: the code is about to be fixed, so the invocation
    /// fails instead of the execution.
    pub(crate) fn fail_diverged_invocations(&mut self) {
        if let FunctionCode::Process(settings) = &mut self.definition.code {
            let policy = "fail-invocation".to_owned();
            settings.environment.entry(ON_DIVERGENCE.to_owned()).or_insert(policy);
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.definition.name
    }

    /// Returns the settings of its processes, if it has any.
    pub(crate) fn settings(&self) -> Option<&FunctionSettings> {
        match &self.definition.code {
            FunctionCode::Process(settings) => Some(settings),
            FunctionCode::Remote(_) | FunctionCode::InProcess(_) => None,
        }
    }

    /// Returns what cargo builds for it, if anything.
    pub(crate) fn cargo_program(&self) -> Option<&CargoProgram> {
        match &self.origin {
            Origin::Built(program) => Some(program),
            Origin::Found | Origin::Interpreted | Origin::Elsewhere => None,
        }
    }

    /// Takes the program that cargo has built for it. Returns whether there is one.
    pub(crate) fn take_program(&mut self, built: &mut Built) -> bool {
        let FunctionCode::Process(settings) = &mut self.definition.code else { return false };
        let Some(program) = built.programs.remove(&self.definition.name) else { return false };
        settings.program = program;
        self.is_built = true;
        true
    }

    /// Takes the program of a previous version of the function, if cargo has built it and would build the same. Returns
    /// whether it does.
    pub(crate) fn keep_program(&mut self, previous: &Self) -> bool {
        let (FunctionCode::Process(settings), Some(previous_settings)) =
            (&mut self.definition.code, previous.settings())
        else {
            return false;
        };
        let is_kept = previous.is_built && previous.origin == self.origin && !self.is_built;
        if is_kept {
            settings.program.clone_from(&previous_settings.program);
            self.is_built = true;
        }
        is_kept
    }

    /// Returns the stamps of its sources and of its program.
    pub(crate) fn stamps(&self) -> (Stamp, Stamp) {
        (self.sources(), self.program())
    }

    /// Returns the stamp of everything that the function is built from.
    fn sources(&self) -> Stamp {
        let Some(settings) = self.settings() else { return Stamp::default() };
        match &self.origin {
            Origin::Built(program) if self.is_built => {
                Stamp::of(&sources::of_executable(&settings.program, &program.folder))
            }
            // Cargo lists the sources of a target once it has built it.
            Origin::Built(_) => self.workspace(),
            Origin::Found => {
                let folder = settings.folder.as_deref().unwrap_or(Path::new(""));
                let files = settings.arguments.iter().map(|argument| folder.join(argument));
                Stamp::of(&files.collect::<Vec<_>>())
            }
            Origin::Interpreted => {
                Stamp::of(&settings.folder.as_deref().map(sources::in_folder).unwrap_or_default())
            }
            Origin::Elsewhere => Stamp::default(),
        }
    }

    /// Returns the stamp of all files of the cargo workspace that it may be built from, if cargo builds it.
    pub(crate) fn workspace(&self) -> Stamp {
        let folder = self.cargo_program().map(|program| program.folder.as_path());
        Stamp::of(&folder.map(sources::in_workspace).unwrap_or_default())
    }

    /// Returns the stamp of its program.
    pub(crate) fn program(&self) -> Stamp {
        let program = self.settings().filter(|_| self.is_built).map(|settings| settings.program.clone());
        Stamp::of(&Vec::from_iter(program))
    }

    /// Returns the folders in which code may appear, apart from those of the files in its stamp.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let folder = self.settings().and_then(|settings| settings.folder.as_deref());
        match &self.origin {
            Origin::Built(program) if !self.is_built => sources::folders_in(&program.folder),
            Origin::Interpreted => folder.map(sources::folders_in).unwrap_or_default(),
            Origin::Built(_) | Origin::Found | Origin::Elsewhere => Vec::new(),
        }
    }
}

/// Builds the programs of those of the functions that cargo builds. `others` are functions that are not built now.
pub(crate) fn build<'a>(
    functions: impl IntoIterator<Item = &'a ServedFunction>,
    others: impl IntoIterator<Item = &'a ServedFunction>,
) -> Built {
    let part = |function: &'a ServedFunction| Some((function.name(), function.cargo_program()?));
    let parts: Vec<_> = functions.into_iter().filter_map(part).collect();
    let others: Vec<_> = others.into_iter().filter_map(ServedFunction::cargo_program).collect();
    cargo_build::build(&parts, &others)
}

/// Looks up the functions of a `durable.toml`, and checks that they can be started. Nothing is built yet.
pub(crate) fn configured(functions: Vec<ConfiguredFunction>) -> Result<Vec<ServedFunction>, Failure> {
    // All functions are looked up before any is built, so that a mistyped name is reported at once.
    let mut targets = CargoTargets::default();
    let origins: Vec<Origin> = functions
        .iter()
        .map(|function| origin(&function.source, &mut targets))
        .collect::<Result<_, BuildError>>()?;
    functions.into_iter().zip(origins).map(|(function, origin)| serve(function, origin)).collect()
}

fn origin(source: &FunctionSource, targets: &mut CargoTargets) -> Result<Origin, BuildError> {
    Ok(match source {
        FunctionSource::Cargo(CargoBuild { target, package, release, folder }) => {
            let target = targets.find(target, package.as_deref(), folder)?;
            Origin::Built(CargoProgram { target, release: *release, folder: folder.clone() })
        }
        FunctionSource::Program { .. } => Origin::Found,
        FunctionSource::Handler { .. } => Origin::Interpreted,
        FunctionSource::Remote(_) => Origin::Elsewhere,
    })
}

fn serve(function: ConfiguredFunction, origin: Origin) -> Result<ServedFunction, Failure> {
    let ConfiguredFunction { source, settings, durable_config, versions, is_plain } = function;
    let name = settings.name.clone();
    let not_startable = |problem| Failure::NotStartable { name: name.clone(), problem };
    let definition = match source {
        FunctionSource::Remote(endpoint) => {
            let (timeout, concurrency) = (settings.timeout, settings.concurrency);
            FunctionDefinition::remote(name, RemoteSettings { endpoint, timeout, concurrency })
        }
        FunctionSource::Cargo(_) => {
            preflight_folder(&settings).map_err(not_startable)?;
            FunctionDefinition::process(settings)
        }
        FunctionSource::Program { .. } | FunctionSource::Handler { .. } => {
            preflight(&settings).map_err(not_startable)?;
            FunctionDefinition::process(settings)
        }
    };
    let definition = definition.with_durable_config(durable_config).with_versions(versions);
    let definition = if is_plain { definition.plain() } else { definition };
    Ok(ServedFunction::new(definition, origin))
}
