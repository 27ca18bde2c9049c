//! Builds a local service.

use std::net::SocketAddr;
use std::path::PathBuf;

use durable_core::DurableContext;
use durable_core::error::IntoError;
use durable_core::plugin::{InvocationInfo, Plugin, Plugins};
use durable_functions::{FunctionDefinition, InProcessFunction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StartError;
use crate::handler::HandlerFunction;
use crate::local_service::LocalService;
#[cfg(feature = "otlp")]
use crate::otlp::OtlpEndpoint;
use crate::settings::{Settings, Storage};

/// Builds a [`LocalService`].
///
/// Without further settings, the service stores executions in memory and serves no HTTP.
#[derive(Clone)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct LocalServiceBuilder {
    settings: Settings,
    plugins: Plugins,
}

impl LocalService {
    /// Returns a builder of a service.
    pub fn builder() -> LocalServiceBuilder {
        LocalServiceBuilder { settings: Settings::in_memory(), plugins: Plugins::default() }
    }
}

impl LocalServiceBuilder {
    /// Stores executions in a folder, so that they survive the process. The folder is created if it does not exist.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.storage = Storage::Folder(folder.into());
        self
    }

    /// Serves the HTTP API at an address. Port 0 is any free one.
    pub fn http(mut self, address: SocketAddr) -> Self {
        self.settings.address = Some(address);
        self
    }

    /// Adds a durable function of this program: a handler, as for `durable::run`.
    ///
    /// Its invocations never time out. If it panics, the invocation fails.
    pub fn handler<H, F, I, O, E>(self, name: &str, handler: H) -> Self
    where
        H: Fn(I, DurableContext) -> F + Send + Sync + 'static,
        F: Future<Output = Result<O, E>> + Send + 'static,
        I: DeserializeOwned + Send + 'static,
        O: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: IntoError + 'static,
    {
        let function = HandlerFunction::new(handler, self.plugins.clone());
        self.function(FunctionDefinition::in_process(name, function))
    }

    /// Adds a plugin to the [handlers](Self::handler) that are added after it. `create` creates it for each invocation.
    pub fn plugin<P: Plugin>(
        self,
        create: impl Fn(&InvocationInfo<'_>) -> P + Send + Sync + 'static,
    ) -> Self {
        Self { plugins: self.plugins.with(create), ..self }
    }

    /// Adds plugins to the [handlers](Self::handler) that are added after them.
    pub fn plugins(self, plugins: Plugins) -> Self {
        Self { plugins: self.plugins.and(plugins), ..self }
    }

    /// Adds a plain (non-durable) function of this program: each call runs it once, from the input to the answer, both
    /// as JSON.
    pub fn plain_function(self, name: &str, function: impl InProcessFunction) -> Self {
        self.function(FunctionDefinition::in_process(name, function).plain())
    }

    /// Adds a function.
    pub fn function(mut self, function: FunctionDefinition) -> Self {
        self.settings.functions.push(function);
        self
    }

    /// Exports executions as traces to an OTLP endpoint, such as `http://localhost:4318`.
    ///
    /// Each execution is one trace: its invocations, operations and attempts, as the plugin of `durable-otel` would export
    /// them. Functions receive trace headers, so that their own spans join the trace.
    ///
    /// ```
    /// use durable_local::LocalService;
    ///
    /// # fn export() -> Result<(), durable_local::otlp::InvalidEndpoint> {
    /// let builder = LocalService::builder().otlp("http://localhost:4318".parse()?);
    /// # let _ = builder;
    /// # Ok(())
    /// # }
    /// # export().unwrap();
    /// ```
    #[cfg(feature = "otlp")]
    pub fn otlp(mut self, endpoint: OtlpEndpoint) -> Self {
        self.settings.otlp = Some(endpoint);
        self
    }

    /// Changes other settings.
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Starts the service.
    pub async fn start(self) -> Result<LocalService, StartError> {
        LocalService::start(self.settings).await
    }
}
