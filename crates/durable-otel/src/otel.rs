//! OpenTelemetry for the durable functions of a process.

use std::sync::Arc;

use durable_core::plugin::{InvocationInfo, Plugins};

use crate::plugin::OtelPlugin;
use crate::shared::Shared;

/// OpenTelemetry for the durable functions of a process; cheap to clone.
///
/// ```no_run
/// # #[cfg(feature = "otlp-http")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use durable_otel::{Otel, View};
///
/// let otel = Otel::builder().view(View::Execution).service_name("orders").build()?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "otlp-http"))] fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Otel {
    pub(crate) shared: Arc<Shared>,
}

impl Otel {
    /// Returns the plugins to register with an entry point or a test runner.
    ///
    /// ```no_run
    /// # fn register(otel: durable_otel::Otel) {
    /// let plugins = otel.plugins();
    /// // durable::run(handler).plugins(plugins).await
    /// # }
    /// ```
    pub fn plugins(&self) -> Plugins {
        let otel = self.clone();
        Plugins::default().with(move |invocation| otel.plugin(invocation))
    }

    /// Creates the plugin of an invocation.
    pub fn plugin(&self, invocation: &InvocationInfo<'_>) -> OtelPlugin {
        OtelPlugin::new(Arc::clone(&self.shared), invocation)
    }
}
