//! The address file in the data folder, by which commands find the service.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use durable_functions::loopback;
use durable_store_sqlite::{is_claimed, private_file};

const ADDRESS_FILE: &str = "address";

/// The address file of a running service. It is removed when this is dropped.
#[derive(Debug)]
pub(super) struct AddressNote {
    file: PathBuf,
}

impl AddressNote {
    /// Writes the address at which programs on this machine reach the service. A failure is only logged.
    pub(super) fn write(folder: &Path, address: SocketAddr) -> Self {
        let address = loopback::on_this_machine(address);
        let file = address_file(folder);
        let written = private_file::create(&file).and_then(|mut file| writeln!(file, "{address}"));
        if let Err(error) = written {
            tracing::warn!(%error, "commands will not find this service by its folder");
        }
        Self { file }
    }
}

impl Drop for AddressNote {
    fn drop(&mut self) {
        // A file that remains is ignored once the folder is free.
        let _ = fs::remove_file(&self.file);
    }
}

/// Returns the path of the address file of a data folder.
pub fn address_file(folder: &Path) -> PathBuf {
    folder.join(ADDRESS_FILE)
}

/// Returns the address of the service that runs on a data folder, if there is one. A file that a crash left behind is
/// ignored, because another program may listen there by now.
pub fn read_address(folder: &Path) -> Option<SocketAddr> {
    let note = fs::read_to_string(address_file(folder)).ok()?;
    note.trim().parse().ok().filter(|_| is_claimed(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use durable_store_sqlite::Store;

    #[test]
    fn an_address_file_counts_while_a_service_has_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let address = "127.0.0.1:9800".parse().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let note = AddressNote::write(folder.path(), address);

        assert_eq!(read_address(folder.path()), Some(address));
        // As a crash leaves it.
        std::mem::forget(note);
        drop(store);
        assert_eq!(read_address(folder.path()), None);
    }

    #[test]
    fn a_service_on_all_interfaces_is_found_on_loopback() {
        let folder = tempfile::tempdir().unwrap();
        let _store = Store::open(folder.path()).unwrap();

        let _note = AddressNote::write(folder.path(), "0.0.0.0:9800".parse().unwrap());

        assert_eq!(read_address(folder.path()), Some("127.0.0.1:9800".parse().unwrap()));
    }
}
