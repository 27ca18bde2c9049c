//! Rebuilds and restarts functions when their sources change, and applies changes of the file that lists them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use durable_local::LocalService;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::cargo_build::{Built, Unbuilt};
use crate::changes::Changes;
use crate::display::print_line;
use crate::failure::Failure;
use crate::served_file::{FileChange, ServedFile};
use crate::served_function::{self, ServedFunction};
use crate::watched::{Restart, Watched};

/// A change takes effect once nothing has changed for this long, so that partly saved sources are not built.
const QUIET: Duration = Duration::from_millis(200);

/// What becomes of a function that could not be built and was not served before.
const NOT_SERVED: &str = "not served until the build succeeds";

/// What becomes of one that was.
const STAYS: &str = "the previous build stays in service";

/// Rebuilds and restarts functions whenever their sources, programs or settings change, adds those that are added to the
/// file, and removes those that are removed from it. It never returns.
pub(crate) async fn reload_changed(service: &LocalService, reload: Reload) {
    let mut reload = Arc::new(reload);
    let mut changes = Changes::new();
    // The first check includes what changed during the first builds and since.
    let mut is_settled = false;
    loop {
        if is_settled {
            changes.next().await;
        }
        sleep(QUIET).await;
        if changes.are_reported() {
            let reload_now = Arc::clone(&reload);
            let folders = spawn_blocking(move || reload_now.folders()).await.unwrap_or_default();
            // What changes from here on is reported, and what changed before is seen by the check.
            changes.watch(&folders);
        }
        let mut reload_now = Reload::clone(&reload);
        let checked = spawn_blocking(move || (reload_now.check(), reload_now)).await;
        // A panic has been reported by its hook. The next change is checked again.
        is_settled = true;
        let Ok((check, now)) = checked else { continue };
        reload = Arc::new(now);
        is_settled = check.is_settled;
        check.apply(service);
    }
}

/// The functions whose files are watched, and the file that lists them.
#[derive(Clone)]
pub(crate) struct Reload {
    functions: Vec<Watched>,
    file: Option<ServedFile>,
}

/// What a check of the files found.
struct Check {
    restarts: Vec<Restart>,
    /// The names of functions to remove.
    removed: Vec<String>,
    /// Whether nothing has to be checked before the next change.
    is_settled: bool,
}

impl Reload {
    /// Watches functions from now on, and builds them.
    ///
    /// Those that cannot be built are reported and served later, unless there are no others.
    pub(crate) fn build(functions: Vec<ServedFunction>, file: Option<ServedFile>) -> Result<Self, Failure> {
        let mut reload = Self { functions: functions.into_iter().map(Watched::new).collect(), file };
        let mut built = reload.build_due();
        reload.functions.iter_mut().for_each(|watched| drop(watched.finish(&mut built)));
        let is_served = reload.served().next().is_some();
        let fatal = if is_served { None } else { built.unbuilt.pop() };
        built.unbuilt.iter().for_each(|unbuilt| reload.report(unbuilt));
        match fatal {
            Some(unbuilt) => Err(unbuilt.error.into()),
            None => Ok(reload),
        }
    }

    /// Returns the functions that can be served.
    pub(crate) fn served(&self) -> impl Iterator<Item = &ServedFunction> {
        self.functions.iter().filter(|watched| watched.is_served).map(|watched| &watched.function)
    }

    /// Returns the folders in which changes show.
    fn folders(&self) -> BTreeSet<PathBuf> {
        let of_file = self.file.iter().flat_map(ServedFile::folders);
        self.functions.iter().flat_map(Watched::folders).chain(of_file).collect()
    }

    /// Checks for changes, and rebuilds the functions for which they have settled.
    fn check(&mut self) -> Check {
        self.functions.iter_mut().for_each(Watched::check);
        let removed = match self.file.as_mut().and_then(ServedFile::check) {
            Some(change) => self.take(change),
            None => Vec::new(),
        };
        // A build may change the list of sources.
        let is_settled = self.functions.iter().all(Watched::is_unchanged)
            && !self.file.as_ref().is_some_and(ServedFile::is_changing);
        Check { restarts: self.rebuild(), removed, is_settled }
    }

    /// Takes the changed functions of the file. Returns the names of those to remove.
    fn take(&mut self, change: FileChange) -> Vec<String> {
        let FileChange { changed, removed } = change;
        self.functions.retain(|watched| !removed.iter().any(|name| name == watched.function.name()));
        for function in changed {
            match self.functions.iter_mut().find(|watched| watched.function.name() == function.name()) {
                Some(previous) => previous.configure(function),
                None => self.functions.push(Watched::added(function)),
            }
        }
        removed
    }

    /// Rebuilds the functions that are due. Returns those to restart.
    fn rebuild(&mut self) -> Vec<Restart> {
        let mut built = self.build_due();
        built.unbuilt.iter().for_each(|unbuilt| self.report(unbuilt));
        self.functions.iter_mut().filter_map(|watched| watched.finish(&mut built)).collect()
    }

    fn build_due(&self) -> Built {
        let (due, others): (Vec<_>, Vec<_>) = self.functions.iter().partition(|watched| watched.is_due());
        let due = due.into_iter().map(|watched| &watched.function);
        served_function::build(due, others.into_iter().map(|watched| &watched.function))
    }

    /// Reports functions that could not be built, and what becomes of them.
    fn report(&self, unbuilt: &Unbuilt) {
        let is_served = |watched: &Watched| {
            watched.is_served && unbuilt.functions.iter().any(|name| name == watched.function.name())
        };
        let fate = if self.functions.iter().any(is_served) { STAYS } else { NOT_SERVED };
        print_line(&format!("error: {}; {fate}", unbuilt.error));
    }
}

impl Check {
    fn apply(self, service: &LocalService) {
        let set: Vec<_> = self.restarts.iter().map(|restart| restart.definition.clone()).collect();
        if set.is_empty() && self.removed.is_empty() {
            return;
        }
        match service.change_functions(set, &self.removed) {
            Ok(()) => {
                self.removed.iter().for_each(|name| print_line(&format!("{name}: removed")));
                self.restarts.iter().for_each(|restart| print_line(&restart.line));
            }
            Err(error) => print_line(&format!("error: the functions cannot be changed: {error}")),
        }
    }
}
