//! Rebuilds and restarts functions when their sources change.

use std::sync::Arc;
use std::time::Duration;

use durable_functions::FunctionSettings;
use durable_local::LocalService;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::display::print_line;
use crate::served_function::{Origin, ServedFunction};
use crate::sources::Stamp;

/// The interval between checks for changes. A change takes effect once nothing has changed for one more interval, so
/// that partly saved sources are not built.
const INTERVAL: Duration = Duration::from_millis(500);

/// A function whose files are watched.
#[derive(Clone)]
struct Watched {
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
    loop {
        sleep(INTERVAL).await;
        for function in &mut watched {
            let function_now = Arc::clone(function);
            let Ok((now, rebuilt)) = spawn_blocking(move || function_now.poll()).await else { continue };
            if let Some(settings) = &rebuilt {
                service.replace_function(settings.clone());
                print_line(&format!("{}: changed; restarted", settings.name));
            }
            *function = Arc::new(now);
        }
    }
}

impl Watched {
    fn new(served: &ServedFunction) -> Option<Self> {
        let settings = served.settings()?.clone();
        let built = stamps(&served.origin, &settings);
        Some(Self { settings, origin: served.origin.clone(), built, changed_to: None })
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
        let now = Self { settings: settings.clone(), origin: self.origin.clone(), built, changed_to: None };
        (now, is_built.then_some(settings))
    }
}

fn stamps(origin: &Origin, settings: &FunctionSettings) -> (Stamp, Stamp) {
    (origin.stamp(settings), program_stamp(settings))
}

fn program_stamp(settings: &FunctionSettings) -> Stamp {
    Stamp::of(std::slice::from_ref(&settings.program))
}
