//! The address of the local service, its origin, and whether the secret may be sent there.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use durable_local::discovery::{address_file, on_this_machine, read_address};

use super::error::RemoteError;
use super::options::ServiceOptions;
use crate::config::{Config, FILE_NAME, ServiceConfig};

/// The address of the local service.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LocalEndpoint {
    /// Named by the user on the command line.
    Given(String),
    /// Named by a file in the current folder or in the data folder, which may be of any origin.
    Found { address: SocketAddr, file: PathBuf },
}

impl LocalEndpoint {
    /// Returns the endpoint passed by the user, that of the service on the data folder or, if the folder does not
    /// exist, the default endpoint of `durable dev`.
    ///
    /// If the data folder exists but no service uses it, the default port is not tried: a service there uses another
    /// folder, and commands would act on its executions.
    pub(super) fn find(options: &ServiceOptions) -> Result<Self, RemoteError> {
        if let Some(endpoint) = &options.endpoint {
            return Ok(Self::Given(endpoint.trim_end_matches('/').to_owned()));
        }
        let configured = configured()?;
        let folder = configured.folder(options.folder.as_deref());
        match read_address(&folder) {
            Some(address) => Ok(Self::Found { address, file: address_file(&folder) }),
            None if options.folder.is_some() || folder.is_dir() => Err(RemoteError::NoServiceOn(folder)),
            None => {
                let address = on_this_machine(configured.address());
                Ok(Self::Found { address, file: Path::new(FILE_NAME).to_owned() })
            }
        }
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::Given(endpoint) => endpoint.clone(),
            Self::Found { address, .. } => format!("http://{address}"),
        }
    }

    /// Returns the secret if it may be sent to this endpoint: on this machine, or a host that the user named.
    ///
    /// A file that names another machine may come from a repository or an archive, and could collect the secrets of
    /// everyone who runs a command next to it.
    pub(super) fn admit(&self, secret: Option<String>) -> Result<Option<String>, RemoteError> {
        match self {
            Self::Found { address, file } if secret.is_some() && !is_this_machine(*address) => {
                Err(RemoteError::SecretWithheld { address: *address, file: file.clone() })
            }
            Self::Given(_) | Self::Found { .. } => Ok(secret),
        }
    }
}

/// Returns the service settings that `durable dev` would use in this folder.
pub(super) fn configured() -> Result<ServiceConfig, RemoteError> {
    Config::service_here().map_err(RemoteError::Config)
}

fn is_this_machine(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(address: &str) -> LocalEndpoint {
        LocalEndpoint::Found { address: address.parse().unwrap(), file: "durable.toml".into() }
    }

    #[test]
    fn an_address_from_a_file_admits_the_secret_only_to_this_machine() {
        let secret = || Some("secret".to_owned());

        for address in ["127.0.0.1:9800", "127.1.2.3:1", "[::1]:9800", "[::ffff:127.0.0.1]:9800"] {
            assert_eq!(found(address).admit(secret()).unwrap(), secret(), "{address}");
        }
        for address in ["192.0.2.1:9800", "[2001:db8::1]:9800", "[::ffff:192.0.2.1]:9800", "0.0.0.0:9800"] {
            assert!(found(address).admit(secret()).is_err(), "{address}");
            assert_eq!(found(address).admit(None).unwrap(), None, "{address}");
        }
    }

    #[test]
    fn an_address_from_the_user_admits_the_secret_to_any_host() {
        let given = LocalEndpoint::Given("http://192.0.2.1:9800".to_owned());

        assert_eq!(given.admit(Some("secret".to_owned())).unwrap().as_deref(), Some("secret"));
    }
}
