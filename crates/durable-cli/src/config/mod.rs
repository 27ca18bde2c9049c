//! The file that lists the functions of a project, `durable.toml`.

mod code;
mod environment;
mod error;
mod file;
mod function;
mod place;
mod rules;
mod service;

pub(crate) use code::{CargoBuild, FunctionSource};
pub(crate) use error::ConfigError;
pub(crate) use file::{Config, FILE_NAME};
pub(crate) use function::ConfiguredFunction;
pub(crate) use service::{MAX_LOG_MB, ServiceConfig};
