//! Where the local service is.

use super::error::RemoteError;
use super::options::ServiceOptions;
use crate::config::{Config, ServiceConfig};
use crate::service::read_address;

/// The address of the local service that is meant: the one that is given, that of the service that runs on the data
/// folder or, where there is no such folder, that where `durable dev` would listen.
///
/// Where there is a data folder, whoever listens on that port serves another one: what is stopped there would be
/// somebody else's.
pub(super) fn local(options: &ServiceOptions) -> Result<String, RemoteError> {
    if let Some(endpoint) = &options.endpoint {
        return Ok(endpoint.clone());
    }
    let configured = configured()?;
    let folder = configured.folder(options.folder.as_deref());
    match read_address(&folder) {
        Some(address) => Ok(format!("http://{address}")),
        None if options.folder.is_some() || folder.is_dir() => Err(RemoteError::NoServiceOn(folder)),
        None => Ok(format!("http://{}", configured.address())),
    }
}

/// What `durable dev` would read here.
pub(super) fn configured() -> Result<ServiceConfig, RemoteError> {
    Config::service_here().map_err(RemoteError::Config)
}
