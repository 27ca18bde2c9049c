//! The functions of a running service, which can be added, replaced and removed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use durable_functions::{
    ByteBudget, FunctionCode, FunctionDefinition, FunctionPool, Functions, FunctionsError, Launcher,
    OutputSink, OutputTails, PoolSettings, ProcessMetrics, open_files,
};
use durable_host::Host;
use durable_host::account::Account;
use durable_host::clock::Clock;

use crate::error::StartError;
use crate::settings::Settings;

/// The functions of a running service, and the pool of their processes.
pub(crate) struct FunctionSet {
    account: Account,
    secret: Option<String>,
    processes: ProcessSettings,
    /// Held while the functions are changed, so that changes follow one another.
    current: Mutex<Current>,
}

struct Current {
    functions: Arc<Functions>,
    /// Created for the first function that has processes.
    pool: Option<FunctionPool>,
}

/// What the pool of processes needs. Without an address or a launcher, functions cannot have processes.
pub(crate) struct ProcessSettings {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) launcher: Option<Launcher>,
    pub(crate) region: String,
    pub(crate) output: OutputSink,
    pub(crate) tails: OutputTails,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) bodies: ByteBudget,
    pub(crate) metrics: ProcessMetrics,
}

impl FunctionSet {
    /// Makes these functions ready to run.
    pub(crate) fn new(
        definitions: Vec<FunctionDefinition>,
        settings: &Settings,
        processes: ProcessSettings,
    ) -> Result<Self, StartError> {
        let functions = Functions::new(Vec::new(), None, &processes.tails, &processes.clock)?;
        let (account, secret) = (settings.account.clone(), settings.secret.clone());
        let current = Mutex::new(Current { functions: Arc::new(functions), pool: None });
        let set = Self { account, secret, processes, current };
        set.with(|current| {
            let functions = set.added(current, definitions, &[])?;
            current.functions = Arc::new(functions);
            Ok::<(), StartError>(())
        })?;
        Ok(set)
    }

    /// Returns the current functions.
    pub(crate) fn functions(&self) -> Arc<Functions> {
        self.with(|current| Arc::clone(&current.functions))
    }

    /// Removes the functions of some names and adds others, which replace those of the same name, in one step.
    pub(crate) fn change(
        &self,
        host: &Host,
        added: Vec<FunctionDefinition>,
        removed: &[String],
    ) -> Result<(), StartError> {
        let names: Vec<_> = added.iter().map(|function| function.name.clone()).collect();
        // These may replace functions that have processes.
        let without_processes: Vec<_> =
            added.iter().filter(|it| !it.has_processes()).map(|it| it.name.clone()).collect();
        self.with(|current| {
            let functions = self.added(current, added, removed)?;
            current.replace(functions, host);
            current
                .end_processes(removed.iter().filter(|name| !names.contains(name)).chain(&without_processes));
            Ok::<(), StartError>(())
        })?;
        names.iter().for_each(|name| host.retry_now(name));
        Ok(())
    }

    /// Removes the function of a name.
    pub(crate) fn remove(&self, host: &Host, name: &str) {
        let names = [name.to_owned()];
        self.with(|current| {
            current.replace(current.functions.without(&names), host);
            current.end_processes(&names);
        });
    }

    /// Ends all processes and returns when they are gone.
    pub(crate) async fn shutdown(&self) {
        if let Some(pool) = self.with(|current| current.pool.clone()) {
            pool.shutdown().await;
        }
    }

    fn added(
        &self,
        current: &mut Current,
        mut added: Vec<FunctionDefinition>,
        removed: &[String],
    ) -> Result<Functions, StartError> {
        check_names(&self.account, &added)?;
        added.iter_mut().for_each(|function| self.share_secret(function));
        if current.pool.is_none() && added.iter().any(FunctionDefinition::has_processes) {
            current.pool = Some(self.processes.pool()?);
        }
        Ok(current.functions.without(removed).with(added, current.pool.as_ref())?)
    }

    /// Passes the secret to a function's processes, which call the service as well.
    fn share_secret(&self, function: &mut FunctionDefinition) {
        if let (Some(secret), FunctionCode::Process(process)) = (&self.secret, &mut function.code) {
            process.environment.insert("AWS_ACCESS_KEY_ID".to_owned(), secret.clone());
        }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Current) -> R) -> R {
        f(&mut self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Current {
    fn replace(&mut self, functions: Functions, host: &Host) {
        self.functions = Arc::new(functions);
        host.set_functions(Arc::<Functions>::clone(&self.functions));
    }

    /// Ends the processes of functions that are gone, those with an invocation in flight after its end.
    fn end_processes<'a>(&self, names: impl IntoIterator<Item = &'a String>) {
        let Some(pool) = &self.pool else { return };
        names.into_iter().for_each(|name| pool.remove(name));
    }
}

impl ProcessSettings {
    fn pool(&self) -> Result<FunctionPool, StartError> {
        let address = self.address.ok_or(StartError::NoAddress)?;
        let launcher = self.launcher.clone().ok_or(FunctionsError::NoLauncher)?;
        let pool = PoolSettings {
            address,
            region: self.region.clone(),
            launcher,
            output: Arc::clone(&self.output),
            tails: self.tails.clone(),
            clock: Arc::clone(&self.clock),
            bodies: self.bodies.clone(),
            max_processes: open_files::max_processes(),
            metrics: self.metrics.clone(),
        };
        FunctionPool::new(pool).map_err(StartError::Processes)
    }
}

/// Checks that the functions can be named in ARNs.
pub(crate) fn check_names(account: &Account, functions: &[FunctionDefinition]) -> Result<(), StartError> {
    for function in functions {
        account.check_function(&function.name).map_err(StartError::InvalidName)?;
    }
    Ok(())
}
