//! Where the service on a folder listens, noted in the folder for whoever looks for it.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use durable_store_sqlite::{is_claimed, private_file};

use crate::reachable;

const ADDRESS_FILE: &str = "address";

/// The note of where a service listens. It is taken away when this is dropped.
#[derive(Debug)]
pub(super) struct AddressNote {
    file: PathBuf,
}

impl AddressNote {
    /// Notes the address, as programs on this machine reach it. A folder that takes no note is no reason not to serve.
    pub(super) fn write(folder: &Path, address: SocketAddr) -> Self {
        let address = reachable::on_this_machine(address);
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
        // What is left counts no more once the folder is free.
        let _ = fs::remove_file(&self.file);
    }
}

/// Returns the file that holds the address of the service on this data folder.
pub fn address_file(folder: &Path) -> PathBuf {
    folder.join(ADDRESS_FILE)
}

/// Returns the address of the service that runs on this data folder, if there is one.
///
/// An address left behind by a crash is ignored, because another program may listen there by now.
pub fn read_address(folder: &Path) -> Option<SocketAddr> {
    let note = fs::read_to_string(address_file(folder)).ok()?;
    note.trim().parse().ok().filter(|_| is_claimed(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use durable_store_sqlite::Store;

    #[test]
    fn a_note_counts_while_a_service_has_the_folder() {
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
    fn whoever_listens_everywhere_is_reached_on_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let _store = Store::open(folder.path()).unwrap();

        let _note = AddressNote::write(folder.path(), "0.0.0.0:9800".parse().unwrap());

        assert_eq!(read_address(folder.path()), Some("127.0.0.1:9800".parse().unwrap()));
    }
}
