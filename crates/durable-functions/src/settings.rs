//! The settings of a function, and those that all functions of a service share.

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

/// A function: the program that runs it, and the limits it runs under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSettings {
    /// Its name.
    pub name: String,
    /// The program, found like a shell would: by its path, or in `PATH` if it has no slash.
    pub program: PathBuf,
    /// The arguments of the program.
    pub arguments: Vec<OsString>,
    /// The folder it starts in, which it knows as that of its code; none: that of the program, and it starts where the
    /// service did.
    pub folder: Option<PathBuf>,
    /// What of its code is called, as Lambda names it; none: the program.
    pub handler: Option<String>,
    /// Environment variables of its own. They come after those of Lambda, and so may replace them.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take. Its process is killed then.
    pub timeout: Duration,
    /// The memory it is told to have. The limit is not enforced.
    pub memory_mb: u32,
    /// How many processes may run at once. Each serves one invocation at a time; further invocations wait.
    pub concurrency: usize,
    /// How long a process may be idle. It is stopped soon after.
    pub idle_limit: Duration,
    /// Whether a process serves the tenant of its first invocation alone.
    pub isolates_tenants: bool,
}

impl FunctionSettings {
    /// A function with the longest timeout Lambda offers, 128 MB and up to ten processes that may idle for 5 minutes.
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

/// The settings that all functions of a service share.
#[derive(Clone)]
pub struct PoolSettings {
    /// The address of the service's Lambda API.
    pub address: SocketAddr,
    /// The region in the environment of functions.
    pub region: String,
    /// The program that starts their processes.
    pub launcher: Launcher,
    /// Takes their output. It may block: each function has a queue in front of it that drops the oldest lines.
    pub output: OutputSink,
    /// Where the end of each invocation's output is kept, even if the sink is stuck.
    pub tails: OutputTails,
    /// The clock that deadlines follow.
    pub clock: Arc<dyn Clock>,
    /// The memory that answers may hold together with the bodies of requests. Answers may use its reserve.
    pub bodies: ByteBudget,
    /// The maximum number of processes of all functions. [`open_files::max_processes`](crate::open_files::max_processes)
    /// returns how many the limit on open files allows.
    pub max_processes: usize,
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

/// The program that becomes a function's process so that it cannot outlive the service, and the watchers of what those
/// processes start.
///
/// It is called with [`arguments`](Self::arguments), followed by those that [`launch`](super::launch) takes.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// Its arguments up to those of `launch`.
    pub arguments: Vec<OsString>,
}

impl Launcher {
    /// The running program itself, called with these arguments first, such as a hidden subcommand.
    ///
    /// # Errors
    /// When the system does not tell which program is running.
    pub fn this_program(arguments: impl IntoIterator<Item = OsString>) -> std::io::Result<Self> {
        // On Linux this name stays right when the file is replaced while the service runs, as a rebuild does.
        let program =
            if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
        Ok(Self { program, arguments: arguments.into_iter().collect() })
    }
}
