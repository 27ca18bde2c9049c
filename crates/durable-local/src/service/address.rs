//! Where the service on a folder listens, noted in the folder for whoever looks for it.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

const ADDRESS_FILE: &str = "address";

/// The note of where a service listens. It is taken away when this is dropped.
#[derive(Debug)]
pub(super) struct AddressNote {
    file: PathBuf,
}

impl AddressNote {
    /// Notes the address, as programs on this machine reach it. A folder that takes no note is no reason not to serve.
    pub(super) fn write(folder: &Path, mut address: SocketAddr) -> Self {
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        let file = folder.join(ADDRESS_FILE);
        if let Err(error) = fs::write(&file, format!("{address}\n")) {
            tracing::warn!(%error, "commands will not find this service by its folder");
        }
        Self { file }
    }
}

impl Drop for AddressNote {
    fn drop(&mut self) {
        // The next service overwrites what is left.
        let _ = fs::remove_file(&self.file);
    }
}

/// Where the service on this folder listens. After a crash, that is where it did.
pub(crate) fn read_address(folder: &Path) -> Option<SocketAddr> {
    fs::read_to_string(folder.join(ADDRESS_FILE)).ok()?.trim().parse().ok()
}
