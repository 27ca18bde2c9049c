//! Selects the functions of `durable run` and `durable dev`, from a `durable.toml` or the command line.

use std::path::{Path, PathBuf};

use crate::arguments::FunctionOptions;
use crate::build_error::BuildError;
use crate::config::{Config, ConfiguredFunction, FILE_NAME, FunctionSource, ServiceConfig};
use crate::failure::Failure;
use crate::functions;
use crate::served_file::{FileWatch, ServedFile, is_selected};
use crate::served_function::{self, ServedFunction};

/// The functions to serve, before they are built, and the settings of their service.
pub(crate) struct Selection {
    pub(crate) served: Vec<ServedFunction>,
    pub(crate) service: ServiceConfig,
    /// The file that lists the functions, unless the command line defines them.
    pub(crate) file: Option<ServedFile>,
}

impl Selection {
    /// Selects functions by name. A name listed in the `durable.toml` of this folder is that function, unless options
    /// define it; all other names are cargo targets or programs.
    pub(crate) fn named(names: &[String], options: &FunctionOptions) -> Result<Self, Failure> {
        let watch = FileWatch::new(Path::new(FILE_NAME));
        let Some(Config { service, functions }) = Config::here()? else {
            let (served, service) = (functions::named(names, options)?, ServiceConfig::default());
            return Ok(Self { served, service, file: None });
        };
        let mut meant = functions.iter().filter(|listed| names.iter().any(|name| name == listed.name()));
        match described(options) {
            None if meant.next().is_some() => {
                return Self::listed(names, Config { service, functions }, Path::new(FILE_NAME), watch);
            }
            // Options may redefine a cargo target; other functions cannot be defined on the command line.
            Some(option) => {
                let is_other =
                    |listed: &&ConfiguredFunction| !matches!(listed.source, FunctionSource::Cargo(_));
                if let Some(other) = meant.find(is_other).filter(|_| options.executable.is_empty()) {
                    let problem = format!(
                        "{option} does not apply to `{}`, which is defined in {FILE_NAME}; change its definition there",
                        other.name()
                    );
                    return Err(Failure::Usage(problem));
                }
            }
            None => {}
        }
        let listed = functions.iter().map(|listed| listed.name().to_owned());
        let served = functions::named(names, options).map_err(|failure| with_listed(failure, listed))?;
        Ok(Self { served, service, file: None })
    }

    /// Selects functions listed in a file: those of these names, or all. The default is the file of this folder.
    pub(crate) fn of_file(
        file: Option<&Path>,
        names: &[String],
        options: &FunctionOptions,
    ) -> Result<Self, Failure> {
        if let Some(option) = described(options) {
            let problem = format!(
                "{option} applies only to functions named on the command line; configure the functions of a file in the file"
            );
            return Err(Failure::Usage(problem));
        }
        let path = file.map_or_else(|| PathBuf::from(FILE_NAME), Path::to_owned);
        if file.is_none() && !path.exists() {
            let problem = format!(
                "nothing to serve: name a binary or an example of a cargo workspace, or list functions in {FILE_NAME}, \
                 such as:\n\n[functions.order]\nruntime = \"python\"\nhandler = \"order.handler\""
            );
            return Err(Failure::Usage(problem));
        }
        let watch = FileWatch::new(&path);
        Self::listed(names, Config::read(&path)?, &path, watch)
    }

    fn listed(names: &[String], config: Config, path: &Path, watch: FileWatch) -> Result<Self, Failure> {
        let Config { service, mut functions } = config;
        let known: Vec<String> = functions.iter().map(|function| function.name().to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            let problem = format!(
                "{} defines no function `{unknown}`; available: {}",
                path.display(),
                known.join(", ")
            );
            return Err(Failure::Usage(problem));
        }
        functions.retain(|function| is_selected(function, names));
        let file = Some(ServedFile::new(watch, names, &functions, &service));
        Ok(Self { served: served_function::configured(functions)?, service, file })
    }
}

/// Adds the functions of the file to the error of an unknown function.
fn with_listed(failure: Failure, listed: impl Iterator<Item = String>) -> Failure {
    let Failure::Build(BuildError::Unknown { name, mut known }) = failure else { return failure };
    known.extend(listed);
    known.sort();
    known.dedup();
    Failure::Build(BuildError::Unknown { name, known })
}

/// Returns the first option that defines what a function runs.
fn described(options: &FunctionOptions) -> Option<&'static str> {
    let given = [
        ("--release", options.release),
        ("--package", options.package.is_some()),
        ("--plain", !options.plain.is_empty()),
        ("--executable", !options.executable.is_empty()),
        ("--env", !options.env.is_empty()),
        ("--timeout", options.timeout.is_some()),
    ];
    given.into_iter().find_map(|(option, is_given)| is_given.then_some(option))
}
