//! One child process: it is started, its output is read, and it ends together with everything it started.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Pid;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::environment;
use super::exit;
use super::launcher::Launch;
use super::lifeline::{Group, Lifeline};
use super::output::OutputStream;
use super::phase::Exit;
use super::process::Process;
use super::reader::Reader;
use super::settings::PoolSettings;
use crate::open_files::original_limit;

/// How long reading the output of an ended process may take. The pipe ends at once unless another process holds it open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// What all processes share.
pub(super) struct Host {
    pub(super) settings: PoolSettings,
    pub(super) lifeline: Arc<Lifeline>,
    pub(super) reader: Reader,
}

/// Runs a process to its end. Linux kills the process when the calling thread ends.
pub(super) async fn run(process: &Arc<Process>, host: &Host) -> Exit {
    match start(process, host) {
        Ok((child, group, output)) => watch(child, group, output, process).await,
        Err(error) => {
            let launcher = host.settings.launcher.program.display();
            let name = &process.function().name;
            Exit::NotStarted { cause: format!("cannot start `{launcher}` for function `{name}`: {error}") }
        }
    }
}

fn start(process: &Arc<Process>, host: &Host) -> io::Result<(Child, Group, Vec<JoinHandle<()>>)> {
    let (function, settings) = (process.function(), &host.settings);
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
        // A group of its own: what it starts can be ended with it, and Ctrl-C reaches the service alone.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let leader = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let leader = leader.ok_or_else(|| io::Error::other("it ended before it was started"))?;
    process.note_system_id(leader.as_raw_nonzero().get().unsigned_abs());
    let group = Group::new(leader, Arc::clone(&host.lifeline));
    let mut output = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        output.push(host.reader.read(pipe.into_owned_fd()?, OutputStream::Stdout, process)?);
    }
    if let Some(pipe) = child.stderr.take() {
        output.push(host.reader.read(pipe.into_owned_fd()?, OutputStream::Stderr, process)?);
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
    // Everything that the process started ends with it, like a Lambda execution environment.
    drop(group);
    for task in output {
        // Later output is still forwarded, but not waited for.
        let _ = tokio::time::timeout(LAST_OUTPUT, task).await;
    }
    process.drain_output().await;
    let cause = match status {
        Ok(status) => exit::describe(status),
        Err(error) => format!("Runtime exited with error: {error}"),
    };
    Exit::Ended { cause }
}
