//! `durable dev`: a server for functions, until Ctrl-C.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::ctrl_c;

use super::arguments::DevArguments;
use super::display::print_line;
use super::failure::Failure;
use super::{LAUNCH, functions};
use crate::function::Launcher;
use crate::service::{LocalService, Settings};

/// Builds the functions and serves them.
pub(super) fn dev(arguments: DevArguments) -> Result<ExitCode, Failure> {
    let mut settings = Settings::new(&arguments.options.folder);
    settings.address = SocketAddr::from((arguments.host, arguments.port));
    settings.functions = functions::build(&arguments.functions, &arguments.options)?;
    settings.launcher = Some(Launcher::this_program([LAUNCH.into()])?);
    settings.output = Arc::new(|line| print_line(&format!("{}: {}", line.function_name, line.line)));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(arguments, settings))
}

async fn serve(arguments: DevArguments, settings: Settings) -> Result<ExitCode, Failure> {
    let service = LocalService::start(settings).await?;
    print_line(&welcome(&arguments, service.address()));
    ctrl_c().await?;
    print_line("stopping; executions that have not ended go on at the next start");
    service.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

fn welcome(arguments: &DevArguments, address: SocketAddr) -> String {
    let names = arguments.functions.join(", ");
    let first = arguments.functions.first().map_or("NAME", String::as_str);
    let folder = arguments.options.folder.display();
    format!(
        "serving {names} at http://{address}, recording in {folder}; Ctrl-C stops\n\
         \n\
         export AWS_ENDPOINT_URL_LAMBDA=http://{address} AWS_REGION=us-east-1 \
         AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n\
         aws lambda invoke --function-name '{first}:$LATEST' --cli-binary-format raw-in-base64-out \
         --payload '{{}}' /dev/stdout\n"
    )
}
