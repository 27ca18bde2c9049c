//! The messages of the service on standard error: warnings, and what `RUST_LOG` requests.

use durable_host::FAILED_INVOCATIONS;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::arguments::Subcommand;
use crate::display::{VisibleStderr, print_line};

/// The variable that requests further messages. It is passed on to functions as well.
const RUST_LOG: &str = "RUST_LOG";

/// Shows warnings on standard error, and for commands that serve functions also what `RUST_LOG` requests.
pub(crate) fn show_messages(subcommand: &Subcommand) {
    // `run` shows the events of its execution, so failed invocations would be reported twice.
    let but = if matches!(subcommand, Subcommand::Run(_)) { FAILED_INVOCATIONS } else { "" };
    let requested = match subcommand {
        Subcommand::Run(_) | Subcommand::Dev(_) => requested(),
        _ => None,
    };
    tracing_subscriber::registry().with(lines(but, requested)).init();
}

/// Returns what `RUST_LOG` requests.
fn requested() -> Option<Targets> {
    let directives = std::env::var(RUST_LOG).ok().filter(|directives| !directives.is_empty())?;
    match directives.parse() {
        Ok(targets) => Some(targets),
        // Functions may understand more than levels of targets.
        Err(error) => {
            print_line(&format!(
                "warning: {RUST_LOG} does not apply to the service, only to functions, because it is not a list of \
                 LEVEL or TARGET=LEVEL: {error}"
            ));
            None
        }
    }
}

/// Returns the layer that writes lines: warnings as plain text; with `requested`, every event and each span that ends,
/// with its time and its target.
fn lines(but: &'static str, requested: Option<Targets>) -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = fmt::layer().with_writer(|| VisibleStderr);
    match requested {
        None => {
            let wanted = filter_fn(move |metadata| is_warning(metadata, but));
            let wanted = wanted.with_max_level_hint(LevelFilter::WARN);
            lines.without_time().with_target(false).with_filter(wanted).boxed()
        }
        Some(targets) => {
            let wanted = filter_fn(move |metadata| {
                is_warning(metadata, but) || targets.would_enable(metadata.target(), metadata.level())
            });
            lines.with_span_events(FmtSpan::CLOSE).with_filter(wanted).boxed()
        }
    }
}

/// Returns whether something is a warning that is always shown. Warnings of the AWS SDK about its configuration are part
/// of the error, if there is one.
fn is_warning(metadata: &Metadata<'_>, but: &str) -> bool {
    let is_wanted = metadata.target() != but && !metadata.target().starts_with("aws_");
    *metadata.level() <= Level::WARN && is_wanted
}
