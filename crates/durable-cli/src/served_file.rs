//! The `durable.toml` of a running `durable dev`, which applies its changes.

use std::path::{Path, PathBuf};

use crate::config::{Config, ConfiguredFunction, ServiceConfig};
use crate::display::print_line;
use crate::enumeration::enumerated;
use crate::failure::Failure;
use crate::served_function::{self, ServedFunction};
use crate::sources::Stamp;

/// A file whose functions are served.
#[derive(Clone)]
pub(crate) struct ServedFile {
    watch: FileWatch,
    /// The functions to serve, or none to serve all.
    names: Vec<String>,
    /// The selected functions, as last read.
    functions: Vec<ConfiguredFunction>,
    /// The settings of the service at its start, and as last read.
    started: ServiceConfig,
    service: ServiceConfig,
    /// The keys that the command line overrides.
    overridden: Vec<&'static str>,
}

/// A file whose changes are noticed once they have settled.
#[derive(Clone)]
pub(crate) struct FileWatch {
    path: PathBuf,
    absolute: PathBuf,
    seen: Stamp,
    changed_to: Option<Stamp>,
}

/// The functions that change with the file.
pub(crate) struct FileChange {
    /// Those that are new or have other settings.
    pub(crate) changed: Vec<ServedFunction>,
    /// The names of those that are gone.
    pub(crate) removed: Vec<String>,
}

impl ServedFile {
    /// Returns a file that has just been read. The watch must have begun before.
    pub(crate) fn new(
        watch: FileWatch,
        names: &[String],
        functions: &[ConfiguredFunction],
        service: &ServiceConfig,
    ) -> Self {
        let (started, service) = (service.clone(), service.clone());
        let (names, functions) = (names.to_vec(), functions.to_vec());
        Self { watch, names, functions, started, service, overridden: Vec::new() }
    }

    /// Sets the keys of the service that the command line overrides.
    pub(crate) fn set_overridden(&mut self, keys: Vec<&'static str>) {
        self.overridden = keys;
    }

    /// Returns the folders in which changes of the file show.
    pub(crate) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        Stamp::of(std::slice::from_ref(&self.watch.absolute)).folders().collect::<Vec<_>>().into_iter()
    }

    /// Returns whether a change of the file has not settled yet.
    pub(crate) fn is_changing(&self) -> bool {
        self.watch.changed_to.is_some()
    }

    /// Reads the file again once it has changed. An error is reported and changes nothing.
    pub(crate) fn check(&mut self) -> Option<FileChange> {
        if !self.watch.has_changed() {
            return None;
        }
        match self.read_again() {
            Ok(change) => Some(change),
            Err(failure) => {
                let path = self.watch.path.display();
                print_line(&format!("error: {failure}"));
                print_line(&format!("{path}: not applied; functions and settings stay as they were"));
                None
            }
        }
    }

    fn read_again(&mut self) -> Result<FileChange, Failure> {
        let Config { service, mut functions } = Config::read(&self.watch.path)?;
        functions.retain(|function| is_selected(function, &self.names));
        let changed: Vec<_> =
            functions.iter().filter(|function| !self.functions.contains(function)).cloned().collect();
        let is_gone =
            |name: &String| !functions.iter().any(|function: &ConfiguredFunction| function.name() == name);
        let known = self.functions.iter().map(|function| function.name().to_owned());
        let removed = known.filter(is_gone).collect();
        let mut changed = served_function::configured(changed)?;
        changed.iter_mut().for_each(ServedFunction::fail_diverged_invocations);
        self.report_fixed(&service);
        (self.functions, self.service) = (functions, service);
        Ok(FileChange { changed, removed })
    }

    /// Reports changes of settings that are fixed while the service runs.
    fn report_fixed(&self, service: &ServiceConfig) {
        let started = service.differing_keys(&self.started);
        let mut keys = service.differing_keys(&self.service);
        keys.retain(|key| started.contains(key) && !self.overridden.contains(key));
        if !keys.is_empty() {
            let (path, keys) = (self.watch.path.display(), enumerated(&keys));
            print_line(&format!(
                "{path}: {keys} cannot change while the service runs; restart `durable dev` to apply the change"
            ));
        }
    }
}

impl FileWatch {
    /// Watches a file from now on.
    pub(crate) fn new(path: &Path) -> Self {
        // A relative path may have no folder that could be watched.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let seen = Stamp::of(std::slice::from_ref(&absolute));
        Self { path: path.to_owned(), absolute, seen, changed_to: None }
    }

    /// Returns whether the file has changed, once it has not changed any further between two calls.
    fn has_changed(&mut self) -> bool {
        let now = Stamp::of(std::slice::from_ref(&self.absolute));
        if now == self.seen {
            self.changed_to = None;
            return false;
        }
        if self.changed_to.as_ref() != Some(&now) {
            self.changed_to = Some(now);
            return false;
        }
        (self.seen, self.changed_to) = (now, None);
        true
    }
}

/// Returns whether a function is one of these names, or there are none.
pub(crate) fn is_selected(function: &ConfiguredFunction, names: &[String]) -> bool {
    names.is_empty() || names.iter().any(|name| name == function.name())
}
