//! The program between the service and a function, which sees to it that the function ends with the service.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};

use super::machine;
use super::settings::Lifeline;

/// The exit code of a launcher that could not do its work, which shells use for the same.
const NOT_LAUNCHED: u8 = 127;

/// How long the service may take to note that a function cannot be started.
const REPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the system may take to end a process by a signal.
const SIGNAL_TIMEOUT: Duration = Duration::from_secs(1);

const DEATH_SIGNAL: &str = "death-signal";
const PIPE: &str = "pipe";

/// What a launcher is asked for on its command line: `SERVICE_PROCESS LIFELINE -- PROGRAM ARGUMENT..`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Launch {
    pub(super) service: u32,
    pub(super) lifeline: Lifeline,
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
}

impl Launch {
    pub(super) fn into_arguments(self) -> impl Iterator<Item = OsString> {
        let lifeline = match self.lifeline {
            Lifeline::DeathSignal => DEATH_SIGNAL,
            Lifeline::Pipe => PIPE,
        };
        [self.service.to_string().into(), lifeline.into(), "--".into(), self.program]
            .into_iter()
            .chain(self.arguments)
    }

    fn from_arguments(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut arguments = arguments.into_iter();
        let service = arguments.next()?.to_str()?.parse().ok()?;
        let lifeline = match arguments.next()?.to_str()? {
            DEATH_SIGNAL => Lifeline::DeathSignal,
            PIPE => Lifeline::Pipe,
            _ => return None,
        };
        let program =
            arguments.next().filter(|separator| separator == "--").and_then(|_| arguments.next())?;
        Some(Self { service, lifeline, program, arguments: arguments.collect() })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        command
    }
}

/// Runs a function as the process that [`FunctionPool`](super::FunctionPool) started for it.
///
/// The command that is named in [`Launcher`](super::Launcher) must call this with the arguments that follow those
/// of the launcher, from its main thread and before it starts others.
pub fn launch(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Some(launch) = Launch::from_arguments(arguments) else {
        let _ = writeln!(io::stderr(), "this command is for the local service's own use");
        return ExitCode::from(NOT_LAUNCHED);
    };
    let failure = match run(&launch) {
        Ok(code) => return code,
        Err(error) => error,
    };
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

fn run(launch: &Launch) -> io::Result<ExitCode> {
    // The system would have a shell read the file, and the function fail with whatever that makes of it.
    if machine::is_foreign(Path::new(&launch.program)) {
        return Err(io::Error::other("it is built for another kind of machine"));
    }
    match launch.lifeline {
        Lifeline::DeathSignal => Err(become_function(launch)),
        Lifeline::Pipe => watch_over_function(launch),
    }
}

/// Replaces this process with the function, which the system will kill when the service ends; returns only failures.
#[cfg(target_os = "linux")]
fn become_function(launch: &Launch) -> io::Error {
    use std::os::unix::process::CommandExt;

    use rustix::process::{Pid, getppid, set_parent_process_death_signal};

    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        return error.into();
    }
    // Had the service ended before the line above, its end would never be signalled.
    if getppid().map(Pid::as_raw_nonzero).and_then(|pid| u32::try_from(pid.get()).ok())
        != Some(launch.service)
    {
        return io::Error::other("the service is gone");
    }
    launch.command().exec()
}

#[cfg(not(target_os = "linux"))]
fn become_function(_launch: &Launch) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "this system has no death signal; use a pipe")
}

/// Runs the function beside this process, until either it or the service ends.
fn watch_over_function(launch: &Launch) -> io::Result<ExitCode> {
    let mut function = launch.command().spawn()?;
    thread::Builder::new().spawn(|| {
        // The service writes nothing; the pipe ends when the service does.
        let _ = io::stdin().lock().read_to_end(&mut Vec::new());
        let _ = kill_current_process_group(Signal::KILL);
    })?;
    let status = function.wait()?;
    if let Some(number) = status.signal() {
        return Ok(end_alike(number));
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(NOT_LAUNCHED)))
}

/// Ends this process by the signal that ended the function, so that the service sees the end of the function.
fn end_alike(number: i32) -> ExitCode {
    if let Some(signal) = Signal::from_named_raw(number)
        && kill_process(getpid(), signal).is_ok()
    {
        // The signal may reach another thread first, which takes a moment to end the process.
        thread::sleep(SIGNAL_TIMEOUT);
    }
    // This process ignores the signal; shells tell it by this code.
    let code = u8::try_from(number).ok().and_then(|number| number.checked_add(128));
    ExitCode::from(code.unwrap_or(NOT_LAUNCHED))
}

/// Tells the service, through the function's Runtime API, that the function cannot be started.
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
    // Once it answered, the service knows; this process may end.
    service.read_to_end(&mut Vec::new()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_says_what_to_launch() {
        for lifeline in [Lifeline::DeathSignal, Lifeline::Pipe] {
            let launch = || Launch {
                service: 7,
                lifeline,
                program: "sh".into(),
                arguments: vec!["-c".into(), "--".into()],
            };

            assert_eq!(Launch::from_arguments(launch().into_arguments()), Some(launch()));
        }
    }

    #[test]
    fn a_command_line_that_says_less_is_refused() {
        for text in ["", "7", "x pipe -- sh", "7 rope -- sh", "7 pipe sh", "7 pipe --"] {
            assert_eq!(Launch::from_arguments(text.split(' ').map(OsString::from)), None, "{text}");
        }
    }
}
