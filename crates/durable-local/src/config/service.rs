//! What the file says of the service itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::place::Source;

/// The port that is listened on if nobody says otherwise.
const DEFAULT_PORT: u16 = 9800;

/// Where everything is recorded if nobody says otherwise.
const DEFAULT_FOLDER: &str = ".durable";

/// What the service is started with. What the command line says outweighs it.
#[derive(Debug, Default)]
pub(crate) struct ServiceConfig {
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: Option<u16>,
    pub(crate) folder: Option<PathBuf>,
}

impl ServiceConfig {
    /// Where everything is recorded: as somebody told, or as the file says.
    pub(crate) fn folder(&self, told: Option<&Path>) -> PathBuf {
        told.or(self.folder.as_deref()).unwrap_or(Path::new(DEFAULT_FOLDER)).to_owned()
    }

    /// Where to listen.
    pub(crate) fn address(&self) -> SocketAddr {
        let host = self.host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        SocketAddr::new(host, self.port.unwrap_or(DEFAULT_PORT))
    }
}

/// `[service]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServiceTable {
    host: Option<Spanned<String>>,
    port: Option<u16>,
    folder: Option<PathBuf>,
}

impl ServiceTable {
    pub(super) fn check(self, source: &Source<'_>) -> Result<ServiceConfig, ConfigError> {
        let host = self.host.map(|host| {
            let problem = || format!("`host` must be an IP address, but is `{}`", host.get_ref());
            host.get_ref().parse().map_err(|_| source.wrong(host.span(), problem()))
        });
        Ok(ServiceConfig {
            host: host.transpose()?,
            port: self.port,
            folder: self.folder.map(|folder| source.folder.join(folder)),
        })
    }
}
