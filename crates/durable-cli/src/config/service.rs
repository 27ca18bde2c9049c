//! The settings of the service, `[service]`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use durable_local::otlp::{InvalidEndpoint, OtlpEndpoint};
use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::place::Source;
use super::rules::{self, RulesTable};

/// The default port.
const DEFAULT_PORT: u16 = 9800;

/// The default data folder.
const DEFAULT_FOLDER: &str = ".durable";

/// The maximum of `log_mb`.
pub(crate) const MAX_LOG_MB: u32 = 1_000_000;

/// The settings of the service. The command line overrides them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServiceConfig {
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: Option<u16>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) log_mb: Option<u32>,
    pub(crate) otlp: Option<OtlpEndpoint>,
    /// The limits and timeouts of the service.
    pub(crate) rules: durable_service::Settings,
}

impl ServiceConfig {
    /// Returns the data folder: the given one, or that of the file.
    pub(crate) fn folder(&self, given: Option<&Path>) -> PathBuf {
        given.or(self.folder.as_deref()).unwrap_or(Path::new(DEFAULT_FOLDER)).to_owned()
    }

    /// Returns the log size limit in bytes: the given one, or that of the file, if either is set.
    pub(crate) fn log_bytes(&self, given_mb: Option<u32>) -> Option<u64> {
        given_mb.or(self.log_mb).map(|megabytes| u64::from(megabytes).saturating_mul(1024 * 1024))
    }

    /// Returns the endpoint to which executions are exported: the given one, or that of the file, if either is set.
    pub(crate) fn otlp(&self, given: Option<&OtlpEndpoint>) -> Option<OtlpEndpoint> {
        given.or(self.otlp.as_ref()).cloned()
    }

    /// Returns the address to listen on.
    pub(crate) fn address(&self) -> SocketAddr {
        let host = self.host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        SocketAddr::new(host, self.port.unwrap_or(DEFAULT_PORT))
    }

    /// Returns the keys whose values differ from those of another file.
    pub(crate) fn differing_keys(&self, other: &Self) -> Vec<&'static str> {
        let (address, other_address) = (self.address(), other.address());
        let keys = [
            ("host", address.ip() != other_address.ip()),
            ("port", address.port() != other_address.port()),
            ("folder", self.folder(None) != other.folder(None)),
            ("log_mb", self.log_mb != other.log_mb),
            ("otlp", self.otlp != other.otlp),
        ];
        let differing = keys.into_iter().filter_map(|(key, differs)| differs.then_some(key));
        differing.chain(rules::differing_keys(&self.rules, &other.rules)).collect()
    }
}

/// `[service]` as parsed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServiceTable {
    host: Option<Spanned<String>>,
    port: Option<Spanned<u64>>,
    folder: Option<Spanned<PathBuf>>,
    log_mb: Option<Spanned<u64>>,
    otlp: Option<Spanned<String>>,
    rules: RulesTable,
}

impl ServiceTable {
    pub(super) fn check(self, source: &Source<'_>) -> Result<ServiceConfig, ConfigError> {
        let host = self.host.map(|host| {
            let problem = || format!("`host` must be an IP address, but is `{}`", host.get_ref());
            host.get_ref().parse().map_err(|_| source.error_at(host.span(), problem()))
        });
        let otlp = self.otlp.map(|url| {
            let problem = |problem| source.error_at(url.span(), format!("`otlp`: {problem}"));
            url.get_ref().parse().map_err(|error: InvalidEndpoint| problem(error.to_string()))
        });
        let port = source.number("port", self.port, 0..=u16::MAX.into())?;
        let log_mb = source.number("log_mb", self.log_mb, 1..=MAX_LOG_MB.into())?;
        Ok(ServiceConfig {
            host: host.transpose()?,
            port: port.and_then(|port| u16::try_from(port).ok()),
            folder: source.path("folder", self.folder)?.map(|folder| source.folder.join(folder)),
            log_mb: log_mb.map(|megabytes| u32::try_from(megabytes).unwrap_or(MAX_LOG_MB)),
            otlp: otlp.transpose()?,
            rules: self.rules.check(source)?,
        })
    }
}
