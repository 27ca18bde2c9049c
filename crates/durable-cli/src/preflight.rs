//! Checks that a function can be started before the service is.

use std::env;

use durable_functions::FunctionSettings;

/// Checks that the folder and the program of a function exist. Returns what is missing otherwise.
pub(crate) fn preflight(settings: &FunctionSettings) -> Result<(), String> {
    if let Some(folder) = settings.folder.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(format!("there is no folder `{}`", folder.display()));
    }
    let program = &settings.program;
    if program.components().count() > 1 {
        return if program.is_file() {
            Ok(())
        } else {
            Err(format!("there is no program `{}`; build it, or check the path", program.display()))
        };
    }
    let own = settings.environment.get("PATH").map(Into::into);
    let places = own.or_else(|| env::var_os("PATH")).unwrap_or_default();
    if env::split_paths(&places).any(|place| place.join(program).is_file()) {
        return Ok(());
    }
    let program = program.display();
    Err(format!(
        "there is no program `{program}` in PATH; install it, or write ./{program} for one beside durable.toml"
    ))
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
    fn what_a_function_is_started_with_must_be_there() {
        let folder = tempfile::tempdir().unwrap();

        assert_eq!(problem("sh", Some(folder.path())), None);
        assert_eq!(problem("/bin/sh", None), None);
        let missing = folder.path().join("order");
        let message = problem(&missing.display().to_string(), None).unwrap();
        assert_eq!(
            message,
            format!("there is no program `{}`; build it, or check the path", missing.display())
        );
        let message = problem("no-such-program", None).unwrap();
        assert!(message.starts_with("there is no program `no-such-program` in PATH"), "{message}");
        let message = problem("sh", Some(&missing)).unwrap();
        assert_eq!(message, format!("there is no folder `{}`", missing.display()));
    }
}
