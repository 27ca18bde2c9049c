//! One child process: started, listened to, and ended together with all it started.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Pid;
use tokio::io::AsyncRead;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::environment;
use super::exit;
use super::launcher::Launch;
use super::lifeline::{Group, Lifeline};
use super::output::{self, OutputStream};
use super::phase::Exit;
use super::process::Process;
use super::settings::PoolSettings;

/// How long the output of a process that ended may still come. It ends at once, unless something else holds it open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// Runs a process to its end. It must be called on the thread whose end may kill the process.
pub(super) async fn run(process: &Arc<Process>, settings: &PoolSettings, lifeline: Arc<Lifeline>) -> Exit {
    match start(process, settings, lifeline) {
        Ok((child, group)) => watch(child, group, process).await,
        Err(error) => {
            let launcher = settings.launcher.program.display();
            let name = &process.function().name;
            Exit::NotStarted { cause: format!("cannot start `{launcher}` for function `{name}`: {error}") }
        }
    }
}

fn start(process: &Process, settings: &PoolSettings, lifeline: Arc<Lifeline>) -> io::Result<(Child, Group)> {
    let function = process.function();
    let launch = Launch {
        service: std::process::id(),
        program: function.program.clone().into_os_string(),
        arguments: function.arguments.clone(),
    };
    let mut command = Command::new(&settings.launcher.program);
    if let Some(folder) = &function.folder {
        command.current_dir(folder);
    }
    let child = command
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
    Ok((child, Group::new(leader, lifeline)))
}

async fn watch(mut child: Child, group: Group, process: &Arc<Process>) -> Exit {
    let output = [
        child.stdout.take().map(|stream| forward(stream, OutputStream::Stdout, process)),
        child.stderr.take().map(|stream| forward(stream, OutputStream::Stderr, process)),
    ];
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = process.kill_requested() => group.kill(),
        }
    };
    // What the process started ends with it, as all of a Lambda environment does.
    drop(group);
    for task in output.into_iter().flatten() {
        // What comes later is still forwarded, but nobody waits for it.
        let _ = tokio::time::timeout(LAST_OUTPUT, task).await;
    }
    let cause = match status {
        Ok(status) => exit::describe(status),
        Err(error) => format!("Runtime exited with error: {error}"),
    };
    Exit::Ended { cause }
}

fn forward(
    from: impl AsyncRead + Unpin + Send + 'static,
    stream: OutputStream,
    process: &Arc<Process>,
) -> JoinHandle<()> {
    let process = Arc::clone(process);
    let drains = process.drains();
    tokio::spawn(async move { output::forward(from, drains, |line| process.hand_on(stream, line)).await })
}
