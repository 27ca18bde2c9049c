//! Recognizes programs built for other platforms by the headers of their files.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Returns whether a file is a program that neither this machine nor an emulator on it can run.
pub(super) fn is_foreign(program: &Path) -> bool {
    let own = std::env::current_exe().ok().and_then(|own| read_header(&own)).and_then(platform);
    let Some(other) = read_header(program).and_then(platform) else { return false };
    own.is_some_and(|own| own != other) && !has_emulators()
}

/// Reads the first bytes of a file. Returns `None` if the file is shorter, or if the program is to be found in `PATH`.
fn read_header(program: &Path) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    File::open(program).and_then(|mut file| file.read_exact(&mut bytes)).ok()?;
    Some(bytes)
}

/// Extracts the platform from the header of a program: for ELF the word size, byte order and architecture, for Mach-O
/// the magic number and CPU type, and for Windows a constant. Returns `None` for other files.
fn platform(bytes: [u8; 20]) -> Option<[u8; 8]> {
    match bytes {
        [0x7f, b'E', b'L', b'F', width, order, .., high, low] => {
            Some([0x7f, b'E', b'L', b'F', width, order, high, low])
        }
        [0xcf, 0xfa, 0xed, 0xfe, a, b, c, d, ..] => Some([0xcf, 0xfa, 0xed, 0xfe, a, b, c, d]),
        [b'M', b'Z', ..] => Some([b'M', b'Z', 0, 0, 0, 0, 0, 0]),
        _ => None,
    }
}

/// Returns whether Linux is configured to run other programs than its own (binfmt_misc).
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

        assert_eq!(platform(elf(62)), platform(elf(62)));
        assert_ne!(platform(elf(62)), platform(elf(183)));
        assert_eq!(platform(*b"#!/bin/sh           "), None);
    }

    #[test]
    fn this_program_is_not_foreign() {
        assert!(!is_foreign(&std::env::current_exe().unwrap()));
    }
}
