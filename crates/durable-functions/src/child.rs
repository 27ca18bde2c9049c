//! Runs one child process: starts it, reads its output, and kills its process group when it exits.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Pid;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::environment;
use super::exit;
use super::exit_reason::ExitReason;
use super::launcher::Launch;
use super::lifeline::{Group, Lifeline};
use super::output::OutputStream;
use super::phase::Exit;
use super::process::Process;
use super::reader::Reader;
use super::settings::PoolSettings;
use crate::open_files::original_limit;

/// The maximum time to read the remaining output of a process that has exited. Its pipes close immediately unless
/// another process holds them open.
const OUTPUT_DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The resources that all processes share.
pub(super) struct SharedResources {
    pub(super) settings: PoolSettings,
    pub(super) lifeline: Arc<Lifeline>,
    pub(super) reader: Reader,
}

/// Runs a process until it exits. On Linux the process is killed when the calling thread ends.
pub(super) async fn run(process: &Arc<Process>, shared: &SharedResources) -> Exit {
    match start(process, shared) {
        Ok((child, group, output)) => watch(child, group, output, process).await,
        Err(error) => {
            process.note_exit(ExitReason::NotStarted);
            let launcher = shared.settings.launcher.program.display();
            let name = &process.function().name;
            Exit::NotStarted { cause: format!("cannot start `{launcher}` for function `{name}`: {error}") }
        }
    }
}

fn start(
    process: &Arc<Process>,
    shared: &SharedResources,
) -> io::Result<(Child, Group, Vec<JoinHandle<()>>)> {
    let (function, settings) = (process.function(), &shared.settings);
    let launch = Launch {
        service: std::process::id(),
        open_files: original_limit(),
        program: function.program.clone().into_os_string(),
        arguments: function.arguments.clone(),
    };
    let mut command = Command::new(&settings.launcher.program);
    if let Some(folder) = &function.folder {
        command.current_dir(folder);
    }
    let mut child = command
        .args(&settings.launcher.arguments)
        .args(launch.into_arguments())
        .env_clear()
        .envs(environment::variables(process, settings))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A process group of its own, so that its descendants can be killed with it and Ctrl-C reaches only the
        // service.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let leader = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let leader = leader.ok_or_else(|| io::Error::other("it exited during the start"))?;
    process.note_system_id(leader.as_raw_nonzero().get().unsigned_abs());
    let group = Group::new(leader, Arc::clone(&shared.lifeline));
    let mut output = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        output.push(shared.reader.read(pipe.into_owned_fd()?, OutputStream::Stdout, process)?);
    }
    if let Some(pipe) = child.stderr.take() {
        output.push(shared.reader.read(pipe.into_owned_fd()?, OutputStream::Stderr, process)?);
    }
    Ok((child, group, output))
}

async fn watch(mut child: Child, group: Group, output: Vec<JoinHandle<()>>, process: &Arc<Process>) -> Exit {
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = process.kill_requested() => group.kill(),
        }
    };
    let is_success = status.as_ref().is_ok_and(std::process::ExitStatus::success);
    process.note_exit(if is_success { ExitReason::Exited } else { ExitReason::Failed });
    // Dropping the group kills all descendants of the process, as when a Lambda execution environment is shut down.
    drop(group);
    for task in output {
        // Later output is still forwarded, but the exit does not wait for it.
        let _ = tokio::time::timeout(OUTPUT_DRAIN_TIMEOUT, task).await;
    }
    process.drain_output().await;
    let cause = match status {
        Ok(status) => exit::describe(status),
        Err(error) => format!("Runtime exited with error: {error}"),
    };
    Exit::Ended { cause }
}
