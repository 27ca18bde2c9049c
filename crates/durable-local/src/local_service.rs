//! A local service that runs in this process.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use durable_functions::{
    FunctionCode, FunctionDefinition, FunctionPool, FunctionSettings, Functions, FunctionsError, OutputTails,
    PoolSettings, open_files,
};
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
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::address::AddressNote;
use crate::error::StartError;
use crate::logged::logged;
use crate::settings::{Resume, Settings, Storage};

/// How long requests and handlers under way may take to end when the service is shut down.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(2);

/// A local service that runs in this process until it is shut down or dropped.
pub struct LocalService {
    // Removed before the folder is free for another service, which writes its own.
    _note: Option<AddressNote>,
    host: Host,
    pool: Option<FunctionPool>,
    server: Option<Server>,
    secret: Option<String>,
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
        check_names(&settings)?;
        check_secret(&settings)?;
        share_secret(&mut settings);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let (store, logs) = open(&settings)?;
        settings.output = logged(Arc::clone(&logs), Arc::clone(&clock), settings.output);
        let listener = match settings.address {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let address = listener.as_ref().map(|(_, address)| *address);
        let tails = OutputTails::default();
        let bodies = ByteBudget::new(settings.body_bytes, ByteBudget::DEFAULT_RESERVE);
        let pool = pool(&settings, address, &tails, &clock, &bodies)?;
        let functions = Functions::new(settings.functions, pool.as_ref(), &tails, &clock)?;
        let mut edges = HostSettings::new(store, logs, Arc::new(functions));
        (edges.clock, edges.account, edges.rules) = (clock, settings.account, settings.rules);
        let host = Host::new(edges);
        let started = AbortOnDrop(Some(host.clone()));
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
            let mut http = HttpSettings::new(Guard::new(address, secret.clone()));
            http.bodies = bodies;
            Server::start(listener, address, http, host.clone())
        });
        let _note = match (&settings.storage, address) {
            (Storage::Folder(folder), Some(address)) => Some(AddressNote::write(folder, address)),
            (Storage::Folder(_) | Storage::Memory, _) => None,
        };
        Ok(Self { _note, host, pool, server, secret })
    }

    /// Returns the address of the HTTP API, if it is served.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(|server| server.address)
    }

    /// Returns the host of the executions.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Replaces the program of a function. Idle processes of the old one end now, the others after their answer.
    /// Executions that wait because it failed are retried at once.
    pub fn replace_function(&self, mut settings: FunctionSettings) {
        if let Some(secret) = &self.secret {
            pass_secret(&mut settings, secret);
        }
        if let Some(pool) = self.pool.as_ref().filter(|pool| pool.function(&settings.name).is_some()) {
            let name = settings.name.clone();
            pool.add(settings);
            self.host.retry_now(&name);
        }
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
        // Before the pool, so that the end of a process is not taken for the end of an invocation.
        if timeout(SHUTDOWN_PATIENCE, self.host.stop()).await.is_err() {
            tracing::warn!("a handler blocks its thread; the data folder stays in use until it returns");
        }
        if let Some(pool) = &self.pool {
            pool.shutdown().await;
        }
        // After the pool, so that no function reports that its service refuses connections.
        if let Some(server) = self.server.take() {
            server.stop().await;
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

fn open(settings: &Settings) -> Result<Stores, StartError> {
    match &settings.storage {
        Storage::Folder(folder) => {
            let store = sqlite::Store::open(folder)?;
            let logs = sqlite::logs::LogStore::open(folder, settings.log_bytes)?;
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

fn check_names(settings: &Settings) -> Result<(), StartError> {
    for function in &settings.functions {
        settings.account.check_function(&function.name).map_err(StartError::InvalidName)?;
    }
    Ok(())
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

/// Passes the secret to functions' processes, which call the service as well.
fn share_secret(settings: &mut Settings) {
    let Some(secret) = &settings.secret else { return };
    for function in &mut settings.functions {
        if let FunctionCode::Process(process) = &mut function.code {
            pass_secret(process, secret);
        }
    }
}

fn pass_secret(function: &mut FunctionSettings, secret: &str) {
    function.environment.insert("AWS_ACCESS_KEY_ID".to_owned(), secret.to_owned());
}

/// Creates the pool of functions' processes, if there are such functions.
fn pool(
    settings: &Settings,
    address: Option<SocketAddr>,
    tails: &OutputTails,
    clock: &Arc<dyn Clock>,
    bodies: &ByteBudget,
) -> Result<Option<FunctionPool>, StartError> {
    let is_process = |function: &FunctionDefinition| matches!(function.code, FunctionCode::Process(_));
    if !settings.functions.iter().any(is_process) {
        return Ok(None);
    }
    let address = address.ok_or(StartError::NoAddress)?;
    let launcher = settings.launcher.clone().ok_or(FunctionsError::NoLauncher)?;
    let region = settings.account.region.clone();
    let (output, tails, clock) = (Arc::clone(&settings.output), tails.clone(), Arc::clone(clock));
    let bodies = bodies.clone();
    let max_processes = open_files::max_processes();
    let pool = PoolSettings { address, region, launcher, output, tails, clock, bodies, max_processes };
    FunctionPool::new(pool).map(Some).map_err(StartError::Processes)
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
