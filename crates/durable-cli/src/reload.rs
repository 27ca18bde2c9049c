//! Rebuilds and restarts functions when their sources change.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use durable_functions::FunctionSettings;
use durable_local::{FunctionCode, FunctionDefinition, LocalService};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::changes::Changes;
use crate::display::print_line;
use crate::served_function::{Origin, ServedFunction};
use crate::sources::Stamp;

/// A change takes effect once nothing has changed for this long, so that partly saved sources are not built.
const QUIET: Duration = Duration::from_millis(200);

/// A function whose files are watched.
#[derive(Clone)]
struct Watched {
    definition: FunctionDefinition,
    settings: FunctionSettings,
    origin: Origin,
    /// The stamps of the sources of the last build and of the resulting program.
    built: (Stamp, Stamp),
    /// The stamps of the latest change, which has not settled yet.
    changed_to: Option<(Stamp, Stamp)>,
}

/// Rebuilds and restarts functions whenever their sources or programs change. It never returns.
pub(crate) async fn reload_changed(service: &LocalService, served: &[ServedFunction]) {
    let mut watched: Vec<Arc<Watched>> = served.iter().filter_map(Watched::new).map(Arc::new).collect();
    let mut changes = Changes::new();
    // The first check includes what changed since the builds.
    let mut is_settled = false;
    loop {
        if is_settled {
            changes.next().await;
        }
        sleep(QUIET).await;
        is_settled = true;
        for function in &mut watched {
            if changes.are_reported() {
                let function_now = Arc::clone(function);
                let folders = spawn_blocking(move || function_now.folders()).await.unwrap_or_default();
                // What changes from here on is reported, and what changed before is seen by the check.
                changes.watch(&folders);
            }
            let function_now = Arc::clone(function);
            let Ok((now, rebuilt)) = spawn_blocking(move || function_now.poll()).await else { continue };
            if let Some(settings) = &rebuilt {
                let mut definition = now.definition.clone();
                definition.code = FunctionCode::Process(settings.clone());
                match service.set_function(definition) {
                    Ok(()) => print_line(&format!("{}: changed; restarted", settings.name)),
                    Err(error) => print_line(&format!("{}: {error}", settings.name)),
                }
            }
            // A build may change the list of sources.
            is_settled &= now.changed_to.is_none() && now.built == function.built;
            *function = Arc::new(now);
        }
    }
}

impl Watched {
    fn new(served: &ServedFunction) -> Option<Self> {
        let settings = served.settings()?.clone();
        let built = stamps(&served.origin, &settings);
        let definition = served.definition.clone();
        Some(Self { definition, settings, origin: served.origin.clone(), built, changed_to: None })
    }

    /// Returns the folders in which changes of the function show.
    fn folders(&self) -> BTreeSet<PathBuf> {
        let (sources, program) = stamps(&self.origin, &self.settings);
        sources.folders().chain(program.folders()).chain(self.origin.folders(&self.settings)).collect()
    }

    /// Checks for changes and rebuilds the function once they have settled. Returns its new settings in that case.
    fn poll(&self) -> (Self, Option<FunctionSettings>) {
        let now = stamps(&self.origin, &self.settings);
        if now == self.built {
            return (Self { changed_to: None, ..self.clone() }, None);
        }
        if self.changed_to.as_ref() != Some(&now) {
            return (Self { changed_to: Some(now), ..self.clone() }, None);
        }
        self.rebuild(now)
    }

    fn rebuild(&self, (sources, _): (Stamp, Stamp)) -> (Self, Option<FunctionSettings>) {
        let mut settings = self.settings.clone();
        let name = &self.settings.name;
        let is_built = match self.origin.build() {
            Ok(program) => {
                settings.program = program.unwrap_or(settings.program);
                true
            }
            Err(error) => {
                print_line(&format!("{name}: {error}; the previous build stays in service"));
                false
            }
        };
        // Changes during the build are picked up by the next check.
        let built = (sources, program_stamp(&settings));
        let now = Self { settings: settings.clone(), built, changed_to: None, ..self.clone() };
        (now, is_built.then_some(settings))
    }
}

fn stamps(origin: &Origin, settings: &FunctionSettings) -> (Stamp, Stamp) {
    (origin.stamp(settings), program_stamp(settings))
}

fn program_stamp(settings: &FunctionSettings) -> Stamp {
    Stamp::of(std::slice::from_ref(&settings.program))
}
