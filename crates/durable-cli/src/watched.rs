//! A function whose files are watched.

use std::mem::take;
use std::path::PathBuf;

use durable_local::FunctionDefinition;

use crate::cargo_build::Built;
use crate::served_function::ServedFunction;
use crate::sources::Stamp;

/// A function whose files are watched.
#[derive(Clone)]
pub(crate) struct Watched {
    pub(crate) function: ServedFunction,
    /// Whether the service has a function of this name.
    pub(crate) is_served: bool,
    /// The stamps of the sources of the last build and of the resulting program.
    built: (Stamp, Stamp),
    change: Change,
}

/// A change of the files.
#[derive(Clone, Default)]
enum Change {
    /// Nothing changed since the last build.
    #[default]
    None,
    /// The stamps have changed to these since the last check.
    Unsettled((Stamp, Stamp)),
    /// The stamps have not changed for a while, so the function is rebuilt.
    Settled((Stamp, Stamp)),
    /// The function is new or has other settings. These are the stamps of its last build, or of now.
    Configured((Stamp, Stamp)),
}

/// A function to add or replace.
pub(crate) struct Restart {
    pub(crate) definition: FunctionDefinition,
    /// What to print when that is done.
    pub(crate) line: String,
}

impl Watched {
    /// Watches a function from now on. If cargo builds it, it is due.
    pub(crate) fn new(function: ServedFunction) -> Self {
        let (now, is_served) = (function.stamps(), function.is_built);
        let change = if is_served { Change::None } else { Change::Settled(now.clone()) };
        Self { function, is_served, built: now, change }
    }

    /// Watches a function that is added while the service runs.
    pub(crate) fn added(function: ServedFunction) -> Self {
        let now = function.stamps();
        Self { function, is_served: false, built: now.clone(), change: Change::Configured(now) }
    }

    /// Replaces the settings of the function. It keeps its program if cargo builds the same one.
    pub(crate) fn configure(&mut self, mut function: ServedFunction) {
        let built =
            if function.keep_program(&self.function) { self.built.clone() } else { function.stamps() };
        (self.function, self.built, self.change) = (function, built.clone(), Change::Configured(built));
    }

    /// Returns the folders in which changes of the function show.
    pub(crate) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let (sources, program) = self.function.stamps();
        let folders = sources.folders().chain(program.folders()).collect::<Vec<_>>();
        folders.into_iter().chain(self.function.folders())
    }

    /// Checks whether the files have changed.
    pub(crate) fn check(&mut self) {
        let now = self.function.stamps();
        self.change = match take(&mut self.change) {
            _ if now == self.built => Change::None,
            Change::Unsettled(seen) if seen == now => Change::Settled(now),
            Change::None | Change::Unsettled(_) | Change::Settled(_) | Change::Configured(_) => {
                Change::Unsettled(now)
            }
        };
    }

    /// Returns whether the function is to be built.
    pub(crate) fn is_due(&self) -> bool {
        match self.change {
            Change::Settled(_) => true,
            Change::Configured(_) => !self.function.is_built,
            Change::None | Change::Unsettled(_) => false,
        }
    }

    /// Returns whether nothing has changed.
    pub(crate) fn is_unchanged(&self) -> bool {
        match self.change {
            Change::None => true,
            Change::Unsettled(_) | Change::Settled(_) | Change::Configured(_) => false,
        }
    }

    /// Ends a change after a build. Returns the function if it is to be restarted.
    pub(crate) fn finish(&mut self, built: &mut Built) -> Option<Restart> {
        let ((sources, _), is_configured) = match take(&mut self.change) {
            Change::Settled(now) => (now, false),
            Change::Configured(now) => (now, true),
            unfinished @ (Change::None | Change::Unsettled(_)) => {
                self.change = unfinished;
                return None;
            }
        };
        let had_program = self.function.is_built;
        let is_ready = self.function.take_program(built)
            || self.function.cargo_program().is_none()
            || (is_configured && had_program);
        // Changes during the build are picked up by the next check.
        self.built = if self.function.is_built && !had_program {
            self.first_built(&sources)
        } else {
            (sources, self.function.program())
        };
        is_ready.then(|| self.restart(is_configured))
    }

    /// Returns the stamps of a function that was built for the first time from these sources.
    fn first_built(&self, sources: &Stamp) -> (Stamp, Stamp) {
        // The files that cargo lists are stamped first, so that no change is missed.
        let built = self.function.stamps();
        if self.function.workspace() == *sources { built } else { Default::default() }
    }

    fn restart(&mut self, is_configured: bool) -> Restart {
        let what = match (self.is_served, is_configured) {
            (true, false) => "changed; restarted",
            (true, true) => "settings changed; restarted",
            (false, false) => "built; now served",
            (false, true) => "added",
        };
        self.is_served = true;
        let line = format!("{}: {what}", self.function.name());
        Restart { definition: self.function.definition.clone(), line }
    }
}
