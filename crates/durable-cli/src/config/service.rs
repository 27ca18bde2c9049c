//! What the file says of the service itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::place::Source;
use super::rules::RulesTable;

/// The port that is listened on if nobody says otherwise.
const DEFAULT_PORT: u16 = 9800;

/// Where everything is recorded if nobody says otherwise.
const DEFAULT_FOLDER: &str = ".durable";

/// Megabytes of what functions print that can be kept at most.
pub(crate) const MAX_LOG_MB: u32 = 1_000_000;

/// What the service is started with. What the command line says outweighs it.
#[derive(Debug, Default)]
pub(crate) struct ServiceConfig {
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: Option<u16>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) log_mb: Option<u32>,
    /// Its limits and its patience.
    pub(crate) rules: durable_service::Settings,
}

impl ServiceConfig {
    /// Where everything is recorded: as somebody told, or as the file says.
    pub(crate) fn folder(&self, told: Option<&Path>) -> PathBuf {
        told.or(self.folder.as_deref()).unwrap_or(Path::new(DEFAULT_FOLDER)).to_owned()
    }

    /// Bytes of what functions print that are kept: as somebody told, or as the file says, if either does.
    pub(crate) fn log_bytes(&self, told_mb: Option<u32>) -> Option<u64> {
        told_mb.or(self.log_mb).map(|megabytes| u64::from(megabytes).saturating_mul(1024 * 1024))
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
    port: Option<Spanned<u64>>,
    folder: Option<Spanned<PathBuf>>,
    log_mb: Option<Spanned<u64>>,
    rules: RulesTable,
}

impl ServiceTable {
    pub(super) fn check(self, source: &Source<'_>) -> Result<ServiceConfig, ConfigError> {
        let host = self.host.map(|host| {
            let problem = || format!("`host` must be an IP address, but is `{}`", host.get_ref());
            host.get_ref().parse().map_err(|_| source.wrong(host.span(), problem()))
        });
        let port = source.number("port", self.port, 0..=u16::MAX.into())?;
        let log_mb = source.number("log_mb", self.log_mb, 1..=MAX_LOG_MB.into())?;
        Ok(ServiceConfig {
            host: host.transpose()?,
            port: port.and_then(|port| u16::try_from(port).ok()),
            folder: source.path("folder", self.folder)?.map(|folder| source.folder.join(folder)),
            log_mb: log_mb.map(|megabytes| u32::try_from(megabytes).unwrap_or(MAX_LOG_MB)),
            rules: self.rules.check(source)?,
        })
    }
}
