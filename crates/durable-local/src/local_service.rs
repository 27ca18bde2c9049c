//! A local service that runs in this process.

use std::io;
use std::mem::take;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use durable_functions::{FunctionDefinition, OutputTails};
use durable_host::clock::{self, Clock, SystemClock};
use durable_host::error::ExecutionLost;
use durable_host::logs::{LogStore, MemoryLog};
use durable_host::store::{EventStore, MemoryStore};
use durable_host::{ClosedExecution, ExecutionStart, ExecutionWatch, Host, HostSettings};
use durable_http::{ByteBudget, Guard, HttpSettings};
use durable_service::StartedExecution;
use durable_store_sqlite as sqlite;
use durable_types::DurableExecutionArn;
use durable_types::api::ServiceError;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::address::AddressNote;
use crate::error::StartError;
use crate::function_set::{FunctionSet, ProcessSettings, check_names};
use crate::logged::logged;
use crate::metrics::Metrics;
#[cfg(feature = "otlp")]
use crate::otlp::TraceExport;
use crate::settings::{Resume, Settings, Storage};

/// How long requests and handlers under way may take to end when the service is shut down.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(2);

/// A local service that runs in this process until it is shut down or dropped.
pub struct LocalService {
    // Removed before the folder is free for another service, which writes its own.
    _note: Option<AddressNote>,
    host: Host,
    functions: FunctionSet,
    metrics: Arc<Registry>,
    server: Option<Server>,
    #[cfg(feature = "otlp")]
    traces: Option<TraceExport>,
}

/// The server of the HTTP API.
struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl LocalService {
    /// Opens the store, listens, and resumes unfinished executions.
    pub async fn start(mut settings: Settings) -> Result<Self, StartError> {
        if !clock::is_usable() {
            return Err(StartError::Clock);
        }
        check_names(&settings.account, &settings.functions)?;
        check_secret(&settings)?;
        #[cfg(feature = "otlp")]
        {
            settings.rules.propagate_traces |= settings.otlp.is_some();
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let mut metrics = Metrics::new(clock.now());
        let (store, logs) = open(&settings, &mut metrics.registry)?;
        settings.output = logged(Arc::clone(&logs), Arc::clone(&clock), settings.output);
        let listener = match settings.address {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let address = listener.as_ref().map(|(_, address)| *address);
        let bodies = ByteBudget::new(settings.body_bytes, ByteBudget::DEFAULT_RESERVE);
        let functions = functions(&mut settings, address, &clock, &bodies, &metrics)?;
        let mut edges = HostSettings::new(store, logs, functions.functions());
        (edges.clock, edges.account, edges.rules) = (clock, settings.account, settings.rules);
        let host = Host::new(edges);
        host.register_metrics(&mut metrics.registry);
        let (http_metrics, metrics) = metrics.into_registry(&bodies);
        let started = AbortOnDrop(Some(host.clone()));
        #[cfg(feature = "otlp")]
        let traces = settings.otlp.map(|endpoint| TraceExport::start(&host, endpoint)).transpose()?;
        match settings.resume {
            Resume::All => host.resume_all().await?,
            Resume::OnDemand | Resume::Nothing => {}
        }
        if settings.resume != Resume::Nothing {
            host.sweep_regularly();
        }
        started.disarm();
        let secret = settings.secret;
        let server = listener.map(|(listener, address)| {
            let mut http = HttpSettings::new(Guard::new(address, secret));
            http.bodies = bodies;
            (http.metrics, http.registry) = (http_metrics, Arc::clone(&metrics));
            Server::start(listener, address, http, host.clone())
        });
        let _note = match (&settings.storage, address) {
            (Storage::Folder(folder), Some(address)) => Some(AddressNote::write(folder, address)),
            (Storage::Folder(_) | Storage::Memory, _) => None,
        };
        Ok(Self {
            _note,
            host,
            functions,
            metrics,
            server,
            #[cfg(feature = "otlp")]
            traces,
        })
    }

    /// Returns the address of the HTTP API, if it is served.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(|server| server.address)
    }

    /// Returns the host of the executions.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the metrics of the service in the text format of OpenMetrics, as `GET /metrics` does.
    ///
    /// ```
    /// use durable_local::LocalService;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), durable_local::StartError> {
    /// let service = LocalService::builder().start().await?;
    ///
    /// assert!(service.metrics().contains("durable_executions_running 0"));
    /// service.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.metrics);
        text
    }

    /// Adds a function, or replaces the one of this name, while the service runs.
    ///
    /// Executions that waited because there was no such function are invoked, and those that wait because it failed are
    /// retried, both at once. Idle processes of a replaced function end now, the others after their answer.
    ///
    /// # Errors
    /// If the function cannot run here. Nothing is changed.
    pub fn set_function(&self, function: FunctionDefinition) -> Result<(), StartError> {
        self.change_functions(vec![function], &[])
    }

    /// Removes a function while the service runs. Has no effect if there is no such function.
    ///
    /// Invocations in flight continue to their end, and then its processes end. Its executions are not invoked any more
    /// until there is a function of this name again.
    pub fn remove_function(&self, name: &str) {
        self.functions.remove(&self.host, name);
    }

    /// Removes some functions and adds or replaces others in one step: no request sees only a part of the change.
    ///
    /// # Errors
    /// If one of the functions cannot run here. Nothing is changed.
    pub fn change_functions(
        &self,
        set: Vec<FunctionDefinition>,
        removed: &[String],
    ) -> Result<(), StartError> {
        self.functions.change(&self.host, set, removed)
    }

    /// Starts an execution. A name that is taken by an execution with the same input gives that one; if it has not
    /// ended, it goes on.
    pub async fn start_execution(&self, start: ExecutionStart) -> Result<StartedExecution, ServiceError> {
        self.host.start(start).await
    }

    /// The execution of this name, whatever its input is; if it has not ended, it goes on.
    pub async fn find_execution(
        &self,
        function_name: &str,
        execution_name: &str,
    ) -> Result<Option<StartedExecution>, ServiceError> {
        self.host.find_by_name(function_name, execution_name).await
    }

    /// Waits until an execution has ended.
    pub async fn wait_closed(
        &self,
        arn: &DurableExecutionArn,
    ) -> Result<Arc<ClosedExecution>, ExecutionLost> {
        self.host.wait_closed(arn).await
    }

    /// Follows the history of an execution from its beginning.
    pub async fn watch(&self, arn: &DurableExecutionArn) -> Result<ExecutionWatch, ExecutionLost> {
        self.host.watch(arn).await
    }

    /// Stops it: functions' processes end, no request is answered any more, and executions stay as they are recorded
    /// until the next start.
    ///
    /// A handler of this program that blocks its thread cannot be stopped. It is left behind after a while, and keeps the
    /// data folder until it returns.
    pub async fn shutdown(mut self) {
        // Before the processes, so that the end of a process is not taken for the end of an invocation.
        if timeout(SHUTDOWN_PATIENCE, self.host.stop()).await.is_err() {
            tracing::warn!("a handler blocks its thread; the data folder stays in use until it returns");
        }
        self.functions.shutdown().await;
        // After the processes, so that no function reports that its service refuses connections.
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        #[cfg(feature = "otlp")]
        if let Some(traces) = &mut self.traces
            && timeout(SHUTDOWN_PATIENCE, traces.finished()).await.is_err()
        {
            tracing::warn!("the last spans were not exported, because the OTLP endpoint does not respond");
        }
        // The threads that read output may outlive the service, and hold the log.
        let _ = timeout(SHUTDOWN_PATIENCE, self.host.logs().close()).await;
    }
}

impl Drop for LocalService {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.task.abort();
        }
        self.host.abort();
    }
}

impl Server {
    fn start(listener: TcpListener, address: SocketAddr, settings: HttpSettings, host: Host) -> Self {
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            // A sender that was dropped stops it as well.
            let _ = stopped.await;
        };
        let task = tokio::spawn(durable_http::serve(listener, host, settings, stopped));
        Self { address, task, stop }
    }

    /// Waits until requests in progress are answered, but not for long. Everything acknowledged is stored.
    async fn stop(self) {
        let Self { mut task, stop, .. } = self;
        drop(stop);
        if timeout(SHUTDOWN_PATIENCE, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// Aborts a host if a start fails or is cancelled, because its tasks would keep the folder.
struct AbortOnDrop(Option<Host>);

impl AbortOnDrop {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(host) = &self.0 {
            host.abort();
        }
    }
}

/// The stores of a service.
type Stores = (Arc<dyn EventStore>, Arc<dyn LogStore>);

fn open(settings: &Settings, registry: &mut Registry) -> Result<Stores, StartError> {
    match &settings.storage {
        Storage::Folder(folder) => {
            let store = sqlite::Store::open(folder)?;
            let logs = sqlite::logs::LogStore::open(folder, settings.log_bytes)?;
            store.register_metrics(registry);
            logs.register_metrics(registry);
            Ok((Arc::new(store), Arc::new(logs)))
        }
        Storage::Memory => {
            let max_bytes = usize::try_from(settings.log_bytes).unwrap_or(usize::MAX);
            Ok((Arc::new(MemoryStore::default()), Arc::new(MemoryLog::new(max_bytes))))
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Address { address, source: error },
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Requires a secret if other machines can reach the service.
fn check_secret(settings: &Settings) -> Result<(), StartError> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    match &settings.secret {
        None => match settings.address {
            Some(address) if !address.ip().is_loopback() => Err(StartError::NoSecret(address)),
            Some(_) | None => Ok(()),
        },
        Some(secret) if (16..=128).contains(&secret.len()) && secret.chars().all(is_plain) => Ok(()),
        Some(_) => Err(StartError::SecretUnusable),
    }
}

fn functions(
    settings: &mut Settings,
    address: Option<SocketAddr>,
    clock: &Arc<dyn Clock>,
    bodies: &ByteBudget,
    metrics: &Metrics,
) -> Result<FunctionSet, StartError> {
    let processes = ProcessSettings {
        address,
        launcher: settings.launcher.clone(),
        region: settings.account.region.clone(),
        output: Arc::clone(&settings.output),
        tails: OutputTails::default(),
        clock: Arc::clone(clock),
        bodies: bodies.clone(),
        metrics: metrics.processes.clone(),
    };
    FunctionSet::new(take(&mut settings.functions), settings, processes)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use bytes::Bytes;

    use super::*;

    const SUCCESS: &str = r#"{"Status":"SUCCEEDED","Result":"1"}"#;

    #[tokio::test]
    async fn the_output_of_an_execution_that_ended_before_it_was_waited_for_is_returned() {
        let folder = tempfile::tempdir().unwrap();
        let function = FunctionDefinition::in_process("order", async |_| Ok(Bytes::from(SUCCESS)));
        let settings = Settings::new(folder.path()).with_function(function);
        let service = LocalService::start(settings).await.unwrap();

        let started = service.host.start_followed(ExecutionStart::new("order")).await;
        let (StartedExecution { arn, .. }, followed) = started.unwrap();
        while service.host.is_active(&arn) {
            tokio::task::yield_now().await;
        }
        let (closed, output) = service.host.wait_closed_with_output(&arn, followed).await.unwrap();

        assert_eq!(closed.result.as_deref(), Some("1"));
        assert!(output.is_some());
        service.shutdown().await;
    }

    #[tokio::test]
    async fn a_start_that_is_cancelled_releases_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let function = FunctionDefinition::in_process("order", async |_| Ok(Bytes::from(SUCCESS)));
        let settings = Settings::new(folder.path()).with_function(function);
        {
            let mut start = pin!(LocalService::start(settings.clone()));
            // It is most likely cancelled while it reads the store.
            let _ = start.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }

        let again = timeout(Duration::from_secs(5), async {
            loop {
                match LocalService::start(settings.clone()).await {
                    Ok(again) => break again,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        });
        again.await.expect("the folder stays locked").shutdown().await;
    }
}
