//! The settings of a function, and those shared by all functions of a service.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use durable_host::clock::Clock;
use durable_http_body::ByteBudget;
use durable_types::limits::MAX_INVOCATION_SECONDS;

use super::output::OutputSink;
use super::output_tails::OutputTails;
use super::process_metrics::ProcessMetrics;

/// A function that runs as child processes: its program and its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSettings {
    /// The name.
    pub name: String,
    /// The program. It is a path, or a name without a slash that is looked up in `PATH`.
    pub program: PathBuf,
    /// The arguments of the program.
    pub arguments: Vec<OsString>,
    /// The working directory, which also becomes `LAMBDA_TASK_ROOT`. If it is `None`, the function starts in the
    /// working directory of the service, and `LAMBDA_TASK_ROOT` is the directory of the program.
    pub folder: Option<PathBuf>,
    /// The handler, which becomes `_HANDLER`. If it is `None`, that is the file name of the program.
    pub handler: Option<String>,
    /// Additional environment variables. They override those that the service sets.
    pub environment: BTreeMap<String, String>,
    /// The timeout of an invocation, after which its process is killed.
    pub timeout: Duration,
    /// The memory limit reported to the function, in MB. It is not enforced.
    pub memory_mb: u32,
    /// The maximum number of concurrent processes. Each handles one invocation at a time; further invocations wait.
    pub concurrency: usize,
    /// The idle time after which a process is stopped.
    pub idle_limit: Duration,
    /// Whether a process serves only the tenant of its first invocation.
    pub isolates_tenants: bool,
}

impl FunctionSettings {
    /// Creates settings with Lambda's maximum timeout, 128 MB of memory, a concurrency of 10, and an idle limit of 5
    /// minutes.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            arguments: Vec::new(),
            folder: None,
            handler: None,
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(MAX_INVOCATION_SECONDS),
            memory_mb: 128,
            concurrency: 10,
            idle_limit: Duration::from_secs(300),
            isolates_tenants: false,
        }
    }
}

/// The settings shared by all functions of a service.
#[derive(Clone)]
pub struct PoolSettings {
    /// The address of the service's Lambda API.
    pub address: SocketAddr,
    /// The region in the environment of functions.
    pub region: String,
    /// The program that starts processes.
    pub launcher: Launcher,
    /// Receives the output of all functions. It may block: each function has a queue in front of it that drops the
    /// oldest lines.
    pub output: OutputSink,
    /// The store of the output tails of invocations. They are kept even if the sink is blocked.
    pub tails: OutputTails,
    /// The clock that deadlines are based on.
    pub clock: Arc<dyn Clock>,
    /// The memory budget that responses share with the bodies of requests. Responses may use its reserve.
    pub bodies: ByteBudget,
    /// The maximum number of processes of all functions.
    /// [`open_files::max_processes`](crate::open_files::max_processes) returns the number that the limit on open files
    /// allows.
    pub max_processes: usize,
    /// The metrics of processes and their output.
    pub metrics: ProcessMetrics,
}

impl fmt::Debug for PoolSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolSettings")
            .field("address", &self.address)
            .field("region", &self.region)
            .field("launcher", &self.launcher)
            .finish_non_exhaustive()
    }
}

/// The program that turns its process into a function that cannot outlive the service. It also runs the watchers, which
/// kill the descendants of such processes.
///
/// It is run with [`arguments`](Self::arguments), followed by those that [`launch`](super::launch) parses.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// The arguments that precede those of `launch`.
    pub arguments: Vec<OsString>,
}

impl Launcher {
    /// Uses the current executable, run with these arguments first, such as a hidden subcommand.
    ///
    /// # Errors
    /// Returns an error if the path of the current executable cannot be determined.
    pub fn this_program(arguments: impl IntoIterator<Item = OsString>) -> std::io::Result<Self> {
        // On Linux this path remains valid if the file is replaced while the service runs, for example by a rebuild.
        let program =
            if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
        Ok(Self { program, arguments: arguments.into_iter().collect() })
    }
}
