//! The command that runs cargo.

use std::env;
use std::ffi::{OsStr, OsString};
use std::process::Command;

/// Returns a command for the cargo that runs this process, or for the one in `PATH`.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    // `cargo run` sets variables about the program's own package. A build script that reads them would see a change,
    // and everything that depends on it would be recompiled.
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_package(name)) {
        cargo.env_remove(name);
    }
    cargo
}

fn is_of_package(variable: &OsStr) -> bool {
    variable
        .to_str()
        .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_does_not_inherit_variables_of_the_running_package() {
        let cargo = cargo();

        let forgotten: Vec<_> = cargo.get_envs().filter(|(_, value)| value.is_none()).collect();
        // Cargo sets these variables for this test.
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert!(forgotten.iter().any(|(other, _)| *other == name), "{name}");
        }
    }
}
