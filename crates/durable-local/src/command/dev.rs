//! `durable dev`: a server for functions, until Ctrl-C.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::ctrl_c;

use super::LAUNCH;
use super::arguments::DevArguments;
use super::display::print_line;
use super::failure::Failure;
use super::fresh::keep_fresh;
use super::selection::Selection;
use super::served::Served;
use super::session::shared_secret;
use crate::config::ServiceConfig;
use crate::function::Launcher;
use crate::service::{LocalService, Settings};

/// Builds the functions and serves them.
pub(super) fn dev(arguments: DevArguments) -> Result<ExitCode, Failure> {
    let Selection { served, service: configured } = selected(&arguments)?;
    let folder = configured.folder(arguments.options.folder.as_deref());
    let mut settings = Settings::new(&folder);
    settings.address = address(&arguments, &configured);
    settings.secret = arguments.secret.clone().or_else(shared_secret);
    settings.functions = served.iter().map(|served| served.definition.clone()).collect();
    settings.log_bytes = configured.log_bytes(arguments.options.log_mb).unwrap_or(settings.log_bytes);
    settings.launcher = Some(Launcher::this_program([LAUNCH.into()])?);
    settings.output = Arc::new(|line| print_line(&format!("{}: {}", line.function_name, line.line)));
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(settings, &served, &folder))
}

async fn serve(settings: Settings, served: &[Served], folder: &Path) -> Result<ExitCode, Failure> {
    let has_secret = settings.secret.is_some();
    let service = LocalService::start(settings).await?;
    print_line(&welcome(served, service.address(), folder, has_secret));
    tokio::select! {
        interrupted = ctrl_c() => interrupted?,
        () = keep_fresh(&service, served) => {}
    }
    print_line("stopping; executions that have not ended go on at the next start");
    service.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

/// The functions that are asked for.
fn selected(arguments: &DevArguments) -> Result<Selection, Failure> {
    let (names, options) = (&arguments.functions, &arguments.options);
    match &arguments.config {
        None if !names.is_empty() => Selection::named(names, options),
        file => Selection::of_file(file.as_deref(), names, options),
    }
}

fn address(arguments: &DevArguments, configured: &ServiceConfig) -> SocketAddr {
    let default = configured.address();
    SocketAddr::new(arguments.host.unwrap_or(default.ip()), arguments.port.unwrap_or(default.port()))
}

fn welcome(served: &[Served], address: SocketAddr, folder: &Path, has_secret: bool) -> String {
    let names: Vec<&str> = served.iter().map(|served| served.definition.name.as_str()).collect();
    let first = names.first().copied().unwrap_or("NAME");
    let (names, folder) = (names.join(", "), folder.display());
    let key = if has_secret { "$DURABLE_SECRET" } else { "local" };
    format!(
        "serving {names} at http://{address}, recording in {folder}; Ctrl-C stops\n\
         \n\
         export AWS_ENDPOINT_URL_LAMBDA=http://{address} AWS_REGION=us-east-1 \
         AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY=local\n\
         aws lambda invoke --function-name '{first}:$LATEST' --cli-binary-format raw-in-base64-out \
         --payload '{{}}' /dev/stdout\n"
    )
}
