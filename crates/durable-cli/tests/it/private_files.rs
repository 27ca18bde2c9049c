//! Files of the command are readable only by their owner, whatever the umask.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::place::{Place, stdout};
use crate::server::Server;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Returns the modes of the files in a data folder, by name.
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut modes: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), mode(&entry.path()))).collect();
    modes.sort();
    modes
}

fn private(names: &[&str]) -> Vec<(String, u32)> {
    names.iter().map(|name| ((*name).to_owned(), 0o600)).collect()
}

const FILES: [&str; 8] = [
    "address",
    "durable.sqlite3",
    "durable.sqlite3-shm",
    "durable.sqlite3-wal",
    "lock",
    "logs.sqlite3",
    "logs.sqlite3-shm",
    "logs.sqlite3-wal",
];

/// Returns the command under a umask that removes no permissions.
fn unmasked(place: &Place, arguments: &[&str]) -> Command {
    let durable = env!("CARGO_BIN_EXE_durable");
    let mut command = Command::new("sh");
    command.args(["-c", "umask 000; exec \"$0\" \"$@\"", durable]).args(arguments).current_dir(place.path());
    command
}

#[test]
fn a_data_folder_and_its_files_are_created_private() {
    let place = Place::new();

    let server = Server::start_as(place, unmasked);

    let folder = server.place.path().join(".durable");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(modes(&folder), private(&FILES));
}

#[test]
fn a_data_folder_of_an_earlier_version_becomes_private() {
    let place = Place::new();
    let folder = place.path().join(".durable");
    unmasked(&place, &["run", "order", "--executable", "order", "--input", "[1]"]).output().unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    for (name, _) in modes(&folder) {
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }

    let server = Server::start_in(place);

    let folder = server.place.path().join(".durable");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(modes(&folder), private(&FILES));
}

#[test]
fn a_folder_with_other_files_keeps_its_permissions() {
    let place = Place::new();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let arguments = ["run", "order", "--executable", "order", "--input", "[1]", "--folder", "."];

    unmasked(&place, &arguments).output().unwrap();

    assert_eq!(mode(place.path()), 0o755);
    assert_eq!(mode(&place.path().join("durable.sqlite3")), 0o600);
    assert_eq!(mode(&place.path().join("order")), 0o755);
}

#[test]
fn an_export_is_private_even_if_it_replaces_a_file() {
    let server = Server::start();
    server.stdout(&["invoke", "order", "--name", "one", "--input", "[1]"]);
    let (new, old) = (server.place.path().join("new.json"), server.place.path().join("old.json"));
    fs::write(&old, "{}").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();

    for file in ["new.json", "old.json"] {
        let output = unmasked(&server.place, &["export", "one", "--output", file]).output().unwrap();
        assert!(output.status.success());
    }

    assert_eq!((mode(&new), mode(&old)), (0o600, 0o600));
    assert_eq!(fs::read(&new).unwrap(), fs::read(&old).unwrap());
}

#[test]
fn the_help_of_export_describes_the_contents_of_the_file() {
    let help = stdout(&Place::new().durable(&["export", "--help"]).output().unwrap());

    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("the secret seed of the execution"), "{help}");
}
