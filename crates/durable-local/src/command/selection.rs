//! Which functions `durable run` and `durable dev` serve: those of a `durable.toml`, or those of the command line.

use std::path::{Path, PathBuf};

use super::arguments::FunctionOptions;
use super::failure::Failure;
use super::functions;
use super::served::{self, Served};
use crate::config::{Config, FILE_NAME, ServiceConfig};

/// The functions that are served, built, and what the file says of their service.
pub(super) struct Selection {
    pub(super) served: Vec<Served>,
    pub(super) service: ServiceConfig,
}

impl Selection {
    /// The functions of these names. One that the `durable.toml` of this folder lists is meant as it stands there, unless
    /// options say otherwise what it is; without a file that lists any, they are targets of cargo or programs.
    pub(super) fn named(names: &[String], options: &FunctionOptions) -> Result<Self, Failure> {
        let Some(Config { service, functions }) = Config::here()? else {
            let service = ServiceConfig::default();
            return Ok(Self { served: functions::build(names, options)?, service });
        };
        let is_listed = names.iter().any(|name| functions.iter().any(|listed| listed.name() == name));
        if is_listed && described(options).is_none() {
            return Self::listed(names, Config { service, functions }, Path::new(FILE_NAME));
        }
        Ok(Self { served: functions::build(names, options)?, service })
    }

    /// The functions that a file lists: those of these names, or all. Without a file, that of this folder.
    pub(super) fn of_file(
        file: Option<&Path>,
        names: &[String],
        options: &FunctionOptions,
    ) -> Result<Self, Failure> {
        if let Some(option) = described(options) {
            let problem = format!(
                "{option} is for functions that are named on the command line; those of a file say all that themselves"
            );
            return Err(Failure::Usage(problem));
        }
        let path = file.map_or_else(|| PathBuf::from(FILE_NAME), Path::to_owned);
        if file.is_none() && !path.exists() {
            let problem = format!("nothing to serve: name a function, or list functions in {FILE_NAME}");
            return Err(Failure::Usage(problem));
        }
        Self::listed(names, Config::read(&path)?, &path)
    }

    fn listed(names: &[String], config: Config, path: &Path) -> Result<Self, Failure> {
        let Config { service, mut functions } = config;
        let known: Vec<String> = functions.iter().map(|function| function.name().to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            let problem =
                format!("{} has no function `{unknown}`; it has: {}", path.display(), known.join(", "));
            return Err(Failure::Usage(problem));
        }
        functions.retain(|function| names.is_empty() || names.iter().any(|name| name == function.name()));
        if functions.is_empty() {
            return Err(Failure::Usage(format!("{} lists no function", path.display())));
        }
        Ok(Self { served: served::configured(functions)?, service })
    }
}

/// The first option that says what a function is.
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
