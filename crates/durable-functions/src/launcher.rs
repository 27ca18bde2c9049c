//! The launcher, which turns its own process into a function that cannot outlive the service.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use super::machine;
use super::watcher::{self, KEEP_WATCH};
use crate::open_files;

/// The exit code if the function cannot be started. Shells use the same code.
const NOT_LAUNCHED: u8 = 127;

/// The argument for a limit that is inherited.
const INHERIT: &str = "-";

/// The maximum time to report to the service that a function cannot be started.
const REPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// The command line of a launcher: `SERVICE_PROCESS OPEN_FILES -- PROGRAM ARGUMENT..`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Launch {
    pub(super) service: u32,
    /// The soft limit on open files, or `None` to inherit that of the service.
    pub(super) open_files: Option<u64>,
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
}

impl Launch {
    pub(super) fn into_arguments(self) -> impl Iterator<Item = OsString> {
        let open_files = self.open_files.map_or_else(|| INHERIT.to_owned(), |files| files.to_string());
        [self.service.to_string().into(), open_files.into(), "--".into(), self.program]
            .into_iter()
            .chain(self.arguments)
    }

    fn from_arguments(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut arguments = arguments.into_iter();
        let service = arguments.next()?.to_str()?.parse().ok()?;
        let open_files = match arguments.next()?.to_str()? {
            INHERIT => None,
            files => Some(files.parse().ok()?),
        };
        let program =
            arguments.next().filter(|separator| separator == "--").and_then(|_| arguments.next())?;
        Some(Self { service, open_files, program, arguments: arguments.collect() })
    }
}

/// Runs the function for which [`FunctionPool`](super::FunctionPool) started this process, or a watcher, which kills
/// the processes of functions once the service is gone.
///
/// The program named in [`Launcher`](super::Launcher) must call this with the arguments that follow those of the
/// launcher, on its main thread and before it starts other threads.
pub fn launch(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter().peekable();
    if arguments.next_if(|first| first == KEEP_WATCH).is_some() {
        return watcher::keep_watch(io::stdin().lock());
    }
    let Some(launch) = Launch::from_arguments(arguments) else {
        let _ = writeln!(io::stderr(), "this command is internal to the local service");
        return ExitCode::from(NOT_LAUNCHED);
    };
    let failure = run(&launch);
    let program = Path::new(&launch.program).display();
    let message = format!(
        "cannot start `{program}`: {failure}; check that the function is built for this machine and that its file \
         may be executed"
    );
    if report(&message).is_err() {
        let _ = writeln!(io::stderr(), "{message}");
    }
    ExitCode::from(NOT_LAUNCHED)
}

/// Replaces this process with the function. Returns only if that fails.
fn run(launch: &Launch) -> io::Error {
    // `exec` would make a shell interpret the file, and the function would fail with a misleading error.
    if machine::is_foreign(Path::new(&launch.program)) {
        return io::Error::other("it is built for another architecture or operating system");
    }
    if let Err(error) = kill_with_parent(launch.service) {
        return error;
    }
    if let Some(Err(error)) = launch.open_files.map(open_files::restore_limit) {
        return error;
    }
    Command::new(&launch.program).args(&launch.arguments).exec()
}

/// Makes the kernel kill this process when the service exits, before any other process has to notice.
#[cfg(target_os = "linux")]
fn kill_with_parent(service: u32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    // If the service exited before the call above, no signal will be sent.
    let parent = rustix::process::getppid().and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok());
    if parent == Some(service) { Ok(()) } else { Err(io::Error::other("the service is gone")) }
}

/// Does nothing. Other systems have no such signal, and rely on the watchers.
#[cfg(not(target_os = "linux"))]
fn kill_with_parent(_service: u32) -> io::Result<()> {
    Ok(())
}

/// Reports through the function's Runtime API that the function cannot be started.
fn report(message: &str) -> io::Result<()> {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
    let body =
        serde_json::json!({ "errorType": "Runtime.InvalidEntrypoint", "errorMessage": message }).to_string();
    let mut service = TcpStream::connect(&address)?;
    service.set_read_timeout(Some(REPORT_TIMEOUT))?;
    write!(
        service,
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    // The response confirms that the service has recorded the error, so this process may exit.
    service.read_to_end(&mut Vec::new()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_says_what_to_launch() {
        for open_files in [None, Some(1_024)] {
            let arguments = vec!["-c".into(), "--".into()];
            let launch =
                || Launch { service: 7, open_files, program: "sh".into(), arguments: arguments.clone() };

            assert_eq!(Launch::from_arguments(launch().into_arguments()), Some(launch()));
        }
    }

    #[test]
    fn a_command_line_that_says_less_is_refused() {
        for text in ["", "7", "x - -- sh", "7 sh", "7 - sh", "7 - --", "7 -- sh", "7 x -- sh", "- -- sh"] {
            assert_eq!(Launch::from_arguments(text.split(' ').map(OsString::from)), None, "{text}");
        }
    }
}
