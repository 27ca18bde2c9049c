//! A local service that runs in this process.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use durable_service::StartedExecution;
use durable_store_sqlite::Store;
use durable_store_sqlite::logs::LogStore;
use durable_types::DurableExecutionArn;
use durable_types::api::ServiceError;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::address::AddressNote;
use super::error::{ExecutionLost, StartError};
use super::functions::Functions;
use super::logged::logged;
use super::output_tails::OutputTails;
use super::settings::{FunctionCode, FunctionDefinition, Resume, Settings};
use super::start::ExecutionStart;
use super::state::{Service, function_arn, is_namable};
use super::watch::ExecutionWatch;
use crate::api;
use crate::clock;
use crate::function::{FunctionPool, FunctionSettings, PoolSettings};
use crate::host::{ClosedExecution, Host};

/// How long requests under way may take to end when the service is shut down.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(2);

/// A local service that runs in this process until it is shut down or dropped.
pub struct LocalService {
    // Gone before the folder is free for another service, which writes its own.
    _note: AddressNote,
    service: Arc<Service>,
    pool: Option<FunctionPool>,
    address: SocketAddr,
    secret: Option<String>,
    server: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

impl LocalService {
    /// Opens the record, listens, and makes unfinished executions go on.
    pub async fn start(mut settings: Settings) -> Result<Self, StartError> {
        if !clock::is_usable() {
            return Err(StartError::Clock);
        }
        check_names(&settings)?;
        check_secret(&settings)?;
        share_secret(&mut settings);
        let store = Store::open(&settings.folder)?;
        let logs = LogStore::open(&settings.folder, settings.log_bytes)?;
        settings.output = logged(logs.clone(), settings.output);
        let listener = TcpListener::bind(settings.address).await;
        let listener = listener.map_err(|error| refused(settings.address, error))?;
        let address = listener.local_addr().map_err(|error| refused(settings.address, error))?;
        let tails = OutputTails::default();
        let pool = pool(&settings, address, &tails)?;
        let functions = Arc::new(Functions::new(settings.functions, pool.as_ref(), &tails)?);
        let service = Arc::new(Service {
            host: Host::new(store.clone(), logs.clone(), settings.rules, Arc::clone(&functions)),
            store,
            functions,
            logs,
            region: settings.region,
            account_id: settings.account_id,
        });
        match settings.resume {
            Resume::All => service.resume_all().await?,
            Resume::OnDemand | Resume::Nothing => {}
        }
        if settings.resume != Resume::Nothing {
            service.host.sweep_regularly();
        }
        let guard = api::Guard::new(address, settings.secret.clone());
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            // Dropped, it means the same.
            let _ = stopped.await;
        };
        let server = tokio::spawn(api::serve(listener, guard, Arc::clone(&service), stopped));
        let _note = AddressNote::write(&settings.folder, address);
        let secret = settings.secret;
        Ok(Self { _note, service, pool, address, secret, server, stop: Some(stop) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces the program of a function. Idle processes of the old one end now, the others after their answer.
    /// Executions that wait because it failed are tried again at once.
    pub fn replace_function(&self, mut settings: FunctionSettings) {
        if let Some(secret) = &self.secret {
            tell(&mut settings, secret);
        }
        if let Some(pool) = self.pool.as_ref().filter(|pool| pool.function(&settings.name).is_some()) {
            let name = settings.name.clone();
            pool.add(settings);
            self.service.host.retry_now(&name);
        }
    }

    /// Starts an execution. A name that is taken by an execution with the same input gives that one; if it has not
    /// ended, it goes on.
    pub async fn start_execution(&self, start: ExecutionStart) -> Result<StartedExecution, ServiceError> {
        self.service.start_execution(start).await
    }

    /// The execution of this name, whatever its input is; if it has not ended, it goes on.
    pub async fn find_execution(
        &self,
        function_name: &str,
        execution_name: &str,
    ) -> Result<Option<StartedExecution>, ServiceError> {
        self.service.find_execution(function_name, execution_name).await
    }

    /// Waits until an execution has ended.
    pub async fn wait_closed(
        &self,
        arn: &DurableExecutionArn,
    ) -> Result<Arc<ClosedExecution>, ExecutionLost> {
        self.service.wait_closed(arn).await
    }

    /// Follows the history of an execution from its beginning.
    pub async fn watch(&self, arn: &DurableExecutionArn) -> Result<ExecutionWatch, ExecutionLost> {
        self.service.watch(arn).await
    }

    /// Stops it: functions' processes end, no request is answered any more, and executions stay as they are recorded
    /// until the next start.
    pub async fn shutdown(mut self) {
        // Before the pool, so that the end of a process is not taken for the end of an invocation.
        self.service.host.stop().await;
        if let Some(pool) = &self.pool {
            pool.shutdown().await;
        }
        // After the pool, so that no function sees its service refuse connections and complains of it.
        drop(self.stop.take());
        // What still runs then ends with the process; everything that was acknowledged is on disk.
        let _ = timeout(SHUTDOWN_PATIENCE, &mut self.server).await;
        // The threads that read output may outlive the service, and hold the log.
        let _ = timeout(SHUTDOWN_PATIENCE, self.service.logs.close()).await;
    }
}

impl Drop for LocalService {
    fn drop(&mut self) {
        self.server.abort();
        self.service.host.abort();
    }
}

fn refused(address: SocketAddr, error: io::Error) -> StartError {
    match error.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Address { address, source: error },
    }
}

fn check_names(settings: &Settings) -> Result<(), StartError> {
    for function in &settings.functions {
        let arn = function_arn(&settings.region, &settings.account_id, &function.name, "$LATEST");
        if !is_namable(&arn) {
            return Err(StartError::Unnamable(arn));
        }
    }
    Ok(())
}

/// Refuses to be reached by other machines without a secret.
fn check_secret(settings: &Settings) -> Result<(), StartError> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    match &settings.secret {
        None if settings.address.ip().is_loopback() => Ok(()),
        None => Err(StartError::NoSecret(settings.address)),
        Some(secret) if (16..=128).contains(&secret.len()) && secret.chars().all(is_plain) => Ok(()),
        Some(_) => Err(StartError::SecretUnusable),
    }
}

/// Tells the secret to functions' processes, which call the service too.
fn share_secret(settings: &mut Settings) {
    let Some(secret) = &settings.secret else { return };
    for function in &mut settings.functions {
        if let FunctionCode::Process(process) = &mut function.code {
            tell(process, secret);
        }
    }
}

fn tell(function: &mut FunctionSettings, secret: &str) {
    function.environment.insert("AWS_ACCESS_KEY_ID".to_owned(), secret.to_owned());
}

/// What looks after the processes of functions, if there are such functions.
fn pool(
    settings: &Settings,
    address: SocketAddr,
    tails: &OutputTails,
) -> Result<Option<FunctionPool>, StartError> {
    let is_process = |function: &FunctionDefinition| matches!(function.code, FunctionCode::Process(_));
    if !settings.functions.iter().any(is_process) {
        return Ok(None);
    }
    let launcher = settings.launcher.clone().ok_or(StartError::NoLauncher)?;
    let region = settings.region.clone();
    let output = tails.before(Arc::clone(&settings.output));
    let pool = FunctionPool::new(PoolSettings { address, region, launcher, output });
    pool.map(Some).map_err(StartError::Processes)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const SUCCESS: &str = r#"{"Status":"SUCCEEDED","Result":"1"}"#;

    #[tokio::test]
    async fn what_an_execution_printed_is_told_although_it_ended_before_it_was_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let function = FunctionDefinition::in_process("order", async |_| Ok(Bytes::from(SUCCESS)));
        let settings = Settings::new(folder.path()).with_function(function);
        let service = LocalService::start(settings).await.unwrap();

        let started = service.service.start_followed(ExecutionStart::new("order")).await;
        let (StartedExecution { arn, .. }, followed) = started.unwrap();
        while service.service.host.watch(&arn).is_some() {
            tokio::task::yield_now().await;
        }
        let (closed, output) = service.service.wait_closed_with_output(&arn, followed).await.unwrap();

        assert_eq!(closed.result.as_deref(), Some("1"));
        assert!(output.is_some());
        service.shutdown().await;
    }
}

#[cfg(test)]
mod interleavings {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use bytes::Bytes;
    use durable_service::Command;
    use durable_types::ExecutionStatus;
    use durable_types::api::PauseRequest;

    use super::*;

    const SUCCESS: &str = r#"{"Status":"SUCCEEDED","Result":"1"}"#;
    const PATIENCE: Duration = Duration::from_secs(5);

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    async fn service(folder: &std::path::Path, is_quick: bool) -> LocalService {
        let function = FunctionDefinition::in_process("order", move |_| async move {
            if !is_quick {
                std::future::pending::<()>().await;
            }
            Ok(Bytes::from(SUCCESS))
        });
        LocalService::start(Settings::new(folder).with_function(function)).await.unwrap()
    }

    async fn gone(service: &LocalService, arn: &DurableExecutionArn) {
        while service.service.host.watch(arn).is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn the_end_of_an_execution_is_seen_while_it_is_loaded_for_a_command() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), true).await;
        let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
        service.wait_closed(&arn).await.unwrap();
        gone(&service, &arn).await;

        let host = &service.service.host;
        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        let closed = timeout(PATIENCE, async { tokio::join!(stop, service.wait_closed(&arn)).1 }).await;

        assert!(closed.expect("it is waited for for ever").is_ok());
    }

    #[tokio::test]
    async fn an_execution_that_does_not_exist_is_not_waited_for_while_it_is_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), true).await;
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:order:1/durable-execution/first/0b1c";
        let arn: DurableExecutionArn = arn.parse().unwrap();

        let host = &service.service.host;
        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        let closed = timeout(PATIENCE, async { tokio::join!(stop, service.wait_closed(&arn)).1 }).await;

        assert!(closed.expect("it is waited for for ever").is_err());
    }

    #[tokio::test]
    async fn nobody_reads_what_is_not_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), false).await;
        let host = &service.service.host;
        let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;

        let mut pause = pin!(host.command(&arn, Command::Pause(PauseRequest::new(arn.as_str()))));
        assert!(poll(pause.as_mut()).is_pending());
        let mut read = pin!(host.read(&arn, |execution| execution.status().clone()));
        assert!(poll(read.as_mut()).is_pending());
        pause.await.unwrap();
        // The read was answered along with the pause.
        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        let seen = poll(read.as_mut());
        let is_recorded = poll(stop.as_mut()).is_ready();

        if let Poll::Ready(seen) = seen {
            assert!(is_recorded || seen.unwrap().unwrap() != ExecutionStatus::Stopped, "not recorded yet");
        }
    }

    #[tokio::test]
    async fn whoever_waits_is_not_told_of_an_end_that_is_not_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), false).await;
        let host = &service.service.host;
        let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
        let mut closed = pin!(service.wait_closed(&arn));
        assert!(poll(closed.as_mut()).is_pending());

        let mut pause = pin!(host.command(&arn, Command::Pause(PauseRequest::new(arn.as_str()))));
        assert!(poll(pause.as_mut()).is_pending());
        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        pause.await.unwrap();

        let is_closed = poll(closed.as_mut()).is_ready();
        let is_recorded = poll(stop.as_mut()).is_ready();
        assert!(is_recorded || !is_closed, "not recorded yet");
    }

    #[tokio::test]
    async fn a_start_that_is_given_up_releases_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let function = FunctionDefinition::in_process("order", async |_| Ok(Bytes::from(SUCCESS)));
        let settings = Settings::new(folder.path()).with_function(function);
        {
            let mut start = pin!(LocalService::start(settings.clone()));
            assert!(poll(start.as_mut()).is_pending(), "it has started already");
        }

        let again = timeout(PATIENCE, async {
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
