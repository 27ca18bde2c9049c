//! Where the local service is.

use std::path::Path;

use super::options::ServiceOptions;
use crate::service::read_address;

/// Where `durable dev` listens unless it is told otherwise.
const DEFAULT_ADDRESS: &str = "127.0.0.1:9800";

/// The address of the local service that is meant.
pub(super) fn local(options: &ServiceOptions) -> String {
    options.endpoint.clone().unwrap_or_else(|| running(&options.folder))
}

/// The service that runs on this folder, else the one that `durable dev` starts by default.
fn running(folder: &Path) -> String {
    match read_address(folder) {
        Some(address) => format!("http://{address}"),
        None => format!("http://{DEFAULT_ADDRESS}"),
    }
}
