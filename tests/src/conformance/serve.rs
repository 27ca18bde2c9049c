//! The program of all handlers, as Lambda runs it.

use durable::plugin::Plugins;
use durable::{Error, Result};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::catalogue::handler;
use super::handler::Handler;
use super::log_lines::log_lines;
use super::plugins::{Printer, plugins};
use super::telemetry::plugins_from_env;

/// The variable in which Lambda hands a program the handler setting of its function: here, its name.
pub(crate) const HANDLER: &str = "_HANDLER";

/// The variable that selects the transport of handlers: `aws-sdk`, or the default one if it is not set.
pub(crate) const TRANSPORT: &str = "DURABLE_CONFORMANCE_TRANSPORT";

/// Serves the invocations of the function whose handler is the one that `_HANDLER` names.
///
/// # Errors
/// If there is no such handler, or if the process was not started by Lambda or by something that acts like it.
pub async fn serve() -> Result<()> {
    let name = std::env::var(HANDLER)?;
    let handler = handler(&name);
    let handler = handler.ok_or_else(|| Error::msg(format!("there is no handler for {HANDLER}={name}")))?;
    tracing_subscriber::registry().with(log_lines(&name, std::io::stdout())).init();
    let plugins = plugins(&name, &Printer::new(std::io::stdout())).and(plugins_from_env()?);
    match std::env::var(TRANSPORT).as_deref() {
        Ok("aws-sdk") => run_on_aws_sdk(handler, plugins).await,
        _ => durable::run(handler).plugins(plugins).await,
    }
}

#[cfg(feature = "aws-sdk")]
async fn run_on_aws_sdk(handler: Handler, plugins: Plugins) -> Result<()> {
    let transport = durable::aws::AwsSdkTransport::from_env();
    let transport = transport.map_err(|error| Error::msg(error.to_string()))?;
    durable::aws::run(handler).transport(transport).plugins(plugins).await
}

#[cfg(not(feature = "aws-sdk"))]
async fn run_on_aws_sdk(_: Handler, _: Plugins) -> Result<()> {
    Err(Error::msg(format!("{TRANSPORT} needs the feature `aws-sdk`")))
}
