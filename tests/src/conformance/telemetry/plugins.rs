//! The plugins of functions that export spans.

use durable::plugin::Plugins;
use durable::{Error, Result};
use durable_otel::Otel;

use super::view::View;

/// The variable that makes a function export spans, and names the view in which it does.
pub(super) const VIEW: &str = "DURABLE_CONFORMANCE_OTEL_VIEW";

/// The plugin that exports spans as the environment says, if it is to.
pub(crate) fn plugins_from_env() -> Result<Plugins> {
    let Ok(name) = std::env::var(VIEW) else { return Ok(Plugins::default()) };
    let view = View::from_name(&name).ok_or_else(|| Error::msg(format!("there is no view {VIEW}={name}")))?;
    let otel = Otel::builder().view(view.into()).workflow_as_root().build()?;
    Ok(otel.plugins())
}
