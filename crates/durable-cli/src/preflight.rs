//! Checks that functions can be started before the service starts.

use std::env;

use durable_functions::FunctionSettings;

/// Checks that the folder and the program of a function exist, or returns a message that names what is missing.
pub(crate) fn preflight(settings: &FunctionSettings) -> Result<(), String> {
    preflight_folder(settings)?;
    let program = &settings.program;
    if program.components().count() > 1 {
        return if program.is_file() {
            Ok(())
        } else {
            Err(format!("program `{}` not found; build it or check the path", program.display()))
        };
    }
    let own = settings.environment.get("PATH").map(Into::into);
    let places = own.or_else(|| env::var_os("PATH")).unwrap_or_default();
    if env::split_paths(&places).any(|place| place.join(program).is_file()) {
        return Ok(());
    }
    let program = program.display();
    Err(format!(
        "program `{program}` not found in PATH; install it, or use ./{program} for a program next to durable.toml"
    ))
}

/// Checks that the folder of a function exists, or returns a message that names it.
pub(crate) fn preflight_folder(settings: &FunctionSettings) -> Result<(), String> {
    match settings.folder.as_ref().filter(|folder| !folder.is_dir()) {
        Some(folder) => Err(format!("folder `{}` does not exist", folder.display())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn problem(program: &str, folder: Option<&Path>) -> Option<String> {
        let mut settings = FunctionSettings::new("order", program);
        settings.folder = folder.map(Path::to_owned);
        preflight(&settings).err()
    }

    #[test]
    fn a_missing_program_or_folder_is_reported() {
        let folder = tempfile::tempdir().unwrap();

        assert_eq!(problem("sh", Some(folder.path())), None);
        assert_eq!(problem("/bin/sh", None), None);
        let missing = folder.path().join("order");
        let message = problem(&missing.display().to_string(), None).unwrap();
        assert_eq!(message, format!("program `{}` not found; build it or check the path", missing.display()));
        let message = problem("no-such-program", None).unwrap();
        assert!(message.starts_with("program `no-such-program` not found in PATH"), "{message}");
        let message = problem("sh", Some(&missing)).unwrap();
        assert_eq!(message, format!("folder `{}` does not exist", missing.display()));
    }
}
