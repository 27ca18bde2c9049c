//! Where the local service is.

use std::path::Path;

use super::options::ServiceOptions;
use crate::config::{Config, FILE_NAME, ServiceConfig};
use crate::service::read_address;

/// The address of the local service that is meant: the one that is given, that of the service that runs on the folder,
/// or that where `durable dev` would listen.
pub(super) fn local(options: &ServiceOptions) -> String {
    if let Some(endpoint) = &options.endpoint {
        return endpoint.clone();
    }
    let configured = configured();
    let address = read_address(&configured.folder(options.folder.as_deref()));
    format!("http://{}", address.unwrap_or_else(|| configured.address()))
}

/// What `durable dev` would read here. A file that makes no sense is for that command to complain of.
fn configured() -> ServiceConfig {
    Config::read(Path::new(FILE_NAME)).map(|config| config.service).unwrap_or_default()
}
