//! The local service with a function for each handler, and what the functions print.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use durable_functions::{FunctionSettings, Launcher};
use durable_local::{FunctionDefinition, LocalService, Settings};
use tempfile::TempDir;

use super::client::Client;
use crate::conformance::failure::Failure;
use crate::conformance::logs::{LogRecord, records};
use crate::conformance::serve::{HANDLER, TRANSPORT};

/// The argument that makes the program of the harness the launcher of functions; those of the launcher follow it.
pub const LAUNCH: &str = "launch-function";

/// The argument that makes the program of the harness a function, the one that `_HANDLER` names.
pub const SERVE: &str = "serve-function";

/// The local service with a function for each handler.
pub(crate) struct Service {
    address: SocketAddr,
    local: LocalService,
    /// Lines, each with the millisecond in which it arrived, as CloudWatch keeps them.
    printed: Arc<Mutex<Vec<(u64, String)>>>,
    /// Removed with the service.
    _folder: TempDir,
}

impl Service {
    /// Starts a service with these functions. The program is the launcher of their processes.
    pub(crate) async fn start(functions: Vec<FunctionDefinition>, program: PathBuf) -> Result<Self, Failure> {
        let folder =
            TempDir::new().map_err(|error| Failure::of("there is no folder for the record", &error))?;
        let printed = Arc::new(Mutex::new(Vec::new()));
        let mut settings = Settings::new(folder.path());
        let sink = Arc::clone(&printed);
        settings.output = Arc::new(move |line| {
            sink.lock().unwrap_or_else(PoisonError::into_inner).push((now(), line.line.to_owned()));
        });
        settings.functions = functions;
        settings.launcher = Some(Launcher { program, arguments: vec![LAUNCH.into()] });
        let local = LocalService::start(settings).await;
        let local = local.map_err(|error| Failure::of("the local service does not start", &error))?;
        let address = local.address().ok_or_else(|| Failure::new("the local service serves no HTTP"))?;
        Ok(Self { address, local, printed, _folder: folder })
    }

    pub(crate) fn client(&self) -> Client {
        Client(self.address)
    }

    /// What the functions logged for an execution.
    pub(crate) fn logs(&self, execution_arn: &str) -> Vec<LogRecord> {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        records(printed.iter().map(|(time, line)| (*time, line.as_str())), execution_arn)
    }

    pub(crate) async fn stop(self) {
        self.local.shutdown().await;
    }
}

/// A function of its own for each handler. If another service records what they do, this one only invokes them.
pub(crate) fn functions(
    handlers: impl Iterator<Item = String>,
    program: &Path,
    other_service: Option<&str>,
) -> Vec<FunctionDefinition> {
    let function = |name: String| {
        let mut settings = process(&name, &name, program);
        let Some(url) = other_service else { return FunctionDefinition::process(settings) };
        settings.environment.insert("AWS_ENDPOINT_URL_LAMBDA".to_owned(), url.to_owned());
        FunctionDefinition::process(settings).plain()
    };
    handlers.map(function).collect()
}

/// The settings of a function whose processes run a handler.
pub(crate) fn process(name: &str, handler: &str, program: &Path) -> FunctionSettings {
    let mut settings = FunctionSettings::new(name, program);
    settings.arguments.push(SERVE.into());
    settings.environment.insert(HANDLER.to_owned(), handler.to_owned());
    if let Ok(transport) = std::env::var(TRANSPORT) {
        settings.environment.insert(TRANSPORT.to_owned(), transport);
    }
    settings
}

/// The milliseconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
