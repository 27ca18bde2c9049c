//! Programs for other kinds of machines, recognized by how their files begin.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Whether the file is a program that neither this machine nor an emulator on it can run.
pub(super) fn is_foreign(program: &Path) -> bool {
    let own = std::env::current_exe().ok().and_then(|own| beginning(&own)).and_then(machine);
    let Some(other) = beginning(program).and_then(machine) else { return false };
    own.is_some_and(|own| own != other) && !has_emulators()
}

/// The first bytes of a file; nothing if it has fewer, or is to be found in `PATH`.
fn beginning(program: &Path) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    File::open(program).and_then(|mut file| file.read_exact(&mut bytes)).ok()?;
    Some(bytes)
}

/// What tells the machine of a program from others: for ELF its width, byte order and architecture, for Mach-O all
/// up to the architecture, for Windows that it is one.
fn machine(bytes: [u8; 20]) -> Option<[u8; 8]> {
    match bytes {
        [0x7f, b'E', b'L', b'F', width, order, .., high, low] => {
            Some([0x7f, b'E', b'L', b'F', width, order, high, low])
        }
        [0xcf, 0xfa, 0xed, 0xfe, a, b, c, d, ..] => Some([0xcf, 0xfa, 0xed, 0xfe, a, b, c, d]),
        [b'M', b'Z', ..] => Some([b'M', b'Z', 0, 0, 0, 0, 0, 0]),
        _ => None,
    }
}

/// Whether Linux was told how to run other programs than its own.
fn has_emulators() -> bool {
    let formats = fs::read_dir("/proc/sys/fs/binfmt_misc").into_iter().flatten().flatten();
    formats.map(|format| format.file_name()).any(|name| name != "register" && name != "status")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_the_same_machine_are_told_from_others() {
        let elf = |architecture| {
            let mut bytes = [1; 20];
            bytes[..4].copy_from_slice(b"\x7fELF");
            bytes[18] = architecture;
            bytes
        };

        assert_eq!(machine(elf(62)), machine(elf(62)));
        assert_ne!(machine(elf(62)), machine(elf(183)));
        assert_eq!(machine(*b"#!/bin/sh           "), None);
    }

    #[test]
    fn this_program_is_not_foreign() {
        assert!(!is_foreign(&std::env::current_exe().unwrap()));
    }
}
