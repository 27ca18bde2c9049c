//! A durable function: a handler with its transport and the settings from its environment.

use std::time::Duration;

use durable_core::DurableContext;
use durable_core::driver::{DivergencePolicy, Invocation};
use durable_core::error::IntoError;
use durable_core::plugin::Plugins;
use durable_core::transport::Transport;
use durable_types::{InvocationInput, InvocationOutput};
use lambda_runtime::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diagnostic::{Failed, InvalidInvocation};
use crate::environment::{EnvironmentError, check_lambda, deadline_margin, divergence_policy};
use crate::lambda_context::lambda_context;

/// A handler with what all of its invocations share. Everything else belongs to a single invocation, so any number of
/// them can run at the same time.
pub(crate) struct DurableFunction<T, H> {
    transport: T,
    handler: H,
    on_divergence: DivergencePolicy,
    deadline_margin: Duration,
    plugins: Plugins,
}

impl<T: Transport, H> DurableFunction<T, H> {
    /// Reads the settings of the function, and checks that the process was started by Lambda.
    pub(crate) fn from_env(transport: T, handler: H, plugins: Plugins) -> Result<Self, EnvironmentError> {
        let variable = |name: &str| std::env::var(name).ok();
        check_lambda(variable)?;
        let (on_divergence, deadline_margin) = (divergence_policy(variable)?, deadline_margin(variable)?);
        Ok(Self { transport, handler, on_divergence, deadline_margin, plugins })
    }

    /// Runs one invocation.
    pub(crate) async fn invoke<F, I, O, E>(
        &self,
        input: Result<InvocationInput, InvalidInvocation>,
        context: Context,
    ) -> Result<InvocationOutput, Failed>
    where
        H: Fn(I, DurableContext) -> F + Sync,
        F: Future<Output = Result<O, E>> + Send,
        I: DeserializeOwned + Send,
        O: Serialize + DeserializeOwned + Send + Sync,
        E: IntoError,
    {
        let input = input.map_err(Failed::Invalid)?;
        let invocation = Invocation::new(input, lambda_context(context))
            .on_divergence(self.on_divergence)
            .suspend_before_deadline(self.deadline_margin)
            .plugins(&self.plugins);
        invocation.drive(&self.transport, &self.handler).await.map_err(Failed::CannotContinue)
    }
}
