//! `durable dev`: a server for functions, until Ctrl-C or SIGTERM.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use durable_functions::open_files::raise_limit;
use durable_local::discovery::on_this_machine;
use durable_local::{LocalService, Settings, StartError};

use crate::arguments::DevArguments;
use crate::config::ServiceConfig;
use crate::display::{Console, Screen, print_line};
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::launch::launcher;
use crate::reload::{Reload, reload_changed};
use crate::runtime::service_runtime;
use crate::secret::shared_secret;
use crate::selection::Selection;
use crate::served_function::ServedFunction;

/// Builds the functions and serves them.
pub(crate) fn dev(arguments: DevArguments) -> Result<ExitCode, Failure> {
    let Selection { mut served, service: configured, mut file } = selected(&arguments)?;
    file.iter_mut().for_each(|file| file.set_overridden(overridden(&arguments)));
    served.iter_mut().for_each(ServedFunction::fail_diverged_invocations);
    let reload = Reload::build(served, file)?;
    let folder = configured.folder(arguments.options.folder.as_deref());
    // Only these options select a folder that other commands would not find by default.
    let selects_folder = arguments.options.folder.is_some() || arguments.config.is_some();
    let mut settings = Settings::new(&folder);
    settings.address = Some(address(&arguments, &configured));
    settings.secret = arguments.secret.clone().or_else(shared_secret);
    settings.functions = reload.served().map(|function| function.definition.clone()).collect();
    settings.log_bytes = configured.log_bytes(arguments.options.log_mb).unwrap_or(settings.log_bytes);
    settings.otlp = configured.otlp(arguments.options.otlp.as_ref());
    settings.rules = configured.rules;
    settings.launcher = Some(launcher()?);
    let console = Console::start(Screen::plain_stderr())?;
    settings.output = Arc::new(|line| console.print(format!("{}: {}", line.function_name, line.line)));
    // The limit is raised after the builds, so that they run under the original one.
    raise_limit();
    let runtime = service_runtime()?;
    let ended = runtime.block_on(serve(settings, &folder, reload, selects_folder));
    runtime.shutdown_timeout(LAST_TASKS);
    ended
}

/// How long shutdown waits for tasks that cannot be cancelled. The build of a function would delay it for minutes.
const LAST_TASKS: Duration = Duration::from_secs(1);

async fn serve(
    settings: Settings,
    folder: &Path,
    reload: Reload,
    selects_folder: bool,
) -> Result<ExitCode, Failure> {
    // This comes first, so that no signal ends the process between the start and the first wait.
    let mut interrupts = Interrupts::listen()?;
    let has_secret = settings.secret.is_some();
    let service = LocalService::start(settings).await?;
    let names: Vec<&str> = reload.served().map(ServedFunction::name).collect();
    let address = service.address().ok_or(StartError::NoAddress)?;
    let reached = on_this_machine(address);
    let place = if has_secret && !reached.ip().is_loopback() {
        // The secret is sent to other hosts only if the user names them.
        format!(" --endpoint http://{reached}")
    } else if selects_folder {
        format!(" --folder {}", folder.display())
    } else {
        String::new()
    };
    let folder = folder.display();
    // A service without functions can show imported executions, and SAM passes functions of its own.
    let served_names = if names.is_empty() { "no function".to_owned() } else { names.join(", ") };
    print_line(&format!(
        "serving {served_names} at http://{address}, recording in {folder}; press Ctrl-C to stop\n"
    ));
    if let Some(first) = names.first() {
        print_line(&welcome(first, reached, &place, has_secret));
    }
    let ended = tokio::select! {
        () = interrupts.next() => Ok(ExitCode::SUCCESS),
        () = reload_changed(&service, reload) => Ok(ExitCode::SUCCESS),
        () = service.host().stopped() => Err(Failure::Stopped),
    };
    if ended.is_ok() {
        print_line("stopping; unfinished executions resume at the next start");
    }
    service.shutdown().await;
    ended
}

/// Returns the functions that the arguments select.
fn selected(arguments: &DevArguments) -> Result<Selection, Failure> {
    let (names, options) = (&arguments.functions, &arguments.options);
    match &arguments.config {
        None if !names.is_empty() => Selection::named(names, options),
        file => Selection::of_file(file.as_deref(), names, options),
    }
}

/// Returns the keys of the service that options override.
fn overridden(arguments: &DevArguments) -> Vec<&'static str> {
    let options = [
        ("host", arguments.host.is_some()),
        ("port", arguments.port.is_some()),
        ("folder", arguments.options.folder.is_some()),
        ("log_mb", arguments.options.log_mb.is_some()),
        ("otlp", arguments.options.otlp.is_some()),
    ];
    options.into_iter().filter_map(|(key, is_given)| is_given.then_some(key)).collect()
}

fn address(arguments: &DevArguments, configured: &ServiceConfig) -> SocketAddr {
    let default = configured.address();
    SocketAddr::new(arguments.host.unwrap_or(default.ip()), arguments.port.unwrap_or(default.port()))
}

/// Returns the commands to try next in another terminal.
fn welcome(function: &str, address: SocketAddr, place: &str, has_secret: bool) -> String {
    let key = if has_secret { "$DURABLE_SECRET" } else { "local" };
    format!(
        "durable invoke {function} --input '{{}}'{place}\n\
         \n\
         Or with AWS's own tools:\n\
         export AWS_ENDPOINT_URL_LAMBDA=http://{address} AWS_DEFAULT_REGION=us-east-1 \
         AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY=local\n\
         echo '{{}}' | aws lambda invoke --function-name '{function}:$LATEST' --payload fileb:///dev/stdin \
         /dev/stdout\n"
    )
}
