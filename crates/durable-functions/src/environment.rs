//! The environment variables of a function's process, as Lambda sets them.

use std::ffi::OsString;
use std::path::Path;

use super::process::Process;
use super::settings::PoolSettings;
use crate::loopback;

/// The variables inherited from the service's environment. Functions on Lambda see no other variables of their host.
const INHERITED: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// The variables that configure the diagnostics of Rust programs. They are passed to every function.
const ALWAYS_PASSED_THROUGH: [&str; 2] = ["RUST_LOG", "RUST_BACKTRACE"];

/// The variables reserved by Lambda, and `AWS_ENDPOINT_URL_LAMBDA`, by which functions find the service.
const RESERVED: [&str; 19] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// The reserved variables that may be passed through, so that functions can use other AWS services.
const ACCOUNT: [&str; 5] =
    ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Returns the reason why a variable with this name cannot be set for a function, or `None` if it can.
pub fn unsettable(name: &str) -> Option<String> {
    if let Some(problem) = invalid_name(name) {
        return Some(problem);
    }
    let hint =
        if ACCOUNT.contains(&name) { "; pass through the value from your environment instead" } else { "" };
    RESERVED
        .contains(&name)
        .then(|| format!("`{name}` is reserved: the service sets it, as Lambda does{hint}"))
}

/// Returns the reason why a variable with this name cannot be passed through to a function, or `None` if it can.
pub fn unpassable(name: &str) -> Option<String> {
    if ACCOUNT.contains(&name) { None } else { unsettable(name) }
}

/// Returns the reason why this is not a valid name of an environment variable, or `None` if it is.
fn invalid_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("the name of an environment variable cannot be empty".to_owned());
    }
    let wrong = name.chars().find(|character| matches!(character, '=' | '\0'))?;
    Some(format!("the name of an environment variable cannot contain {wrong:?}, but {name:?} does"))
}

/// Returns the variables of this process that are passed through to a function: the requested ones, and those that
/// every function receives.
///
/// Add them to [`FunctionSettings::environment`](super::FunctionSettings::environment).
pub fn passed_on<'a>(requested: impl Iterator<Item = &'a str>) -> impl Iterator<Item = (String, String)> {
    let names = requested.chain(ALWAYS_PASSED_THROUGH);
    names.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
}

/// Returns the variables of a process. If a name occurs more than once, the last value wins.
pub(super) fn variables(process: &Process, settings: &PoolSettings) -> Vec<(String, OsString)> {
    let inherited = INHERITED.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var_os(name)?)));
    let own = &process.function().environment;
    inherited
        .chain(lambda_variables(process, settings))
        .chain(own.iter().map(|(name, value)| (name.clone(), value.into())))
        .collect()
}

fn lambda_variables(process: &Process, settings: &PoolSettings) -> impl Iterator<Item = (String, OsString)> {
    let function = process.function();
    let address = loopback::on_this_machine(settings.address);
    let of_program = || function.program.parent().unwrap_or(Path::new(""));
    let folder = function.folder.as_deref().unwrap_or_else(of_program).as_os_str().to_owned();
    let program = || function.program.file_name().unwrap_or_default().to_owned();
    let handler = function.handler.as_ref().map_or_else(program, OsString::from);
    [
        ("AWS_LAMBDA_RUNTIME_API", process.runtime_api().to_string().into()),
        ("AWS_ENDPOINT_URL_LAMBDA", format!("http://{address}").into()),
        ("AWS_ACCESS_KEY_ID", "local".into()),
        ("AWS_SECRET_ACCESS_KEY", "local".into()),
        ("AWS_SESSION_TOKEN", "local".into()),
        ("AWS_REGION", settings.region.clone().into()),
        ("AWS_DEFAULT_REGION", settings.region.clone().into()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone().into()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string().into()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name).into()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", process.log_stream().into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".into()),
        ("LANG", "en_US.UTF-8".into()),
        ("LAMBDA_TASK_ROOT", folder),
        ("_HANDLER", handler),
        ("TZ", OsString::from(":UTC")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
}
