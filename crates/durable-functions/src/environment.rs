//! The environment of a function's process, as Lambda sets it.

use std::ffi::OsString;
use std::path::Path;

use super::process::Process;
use super::settings::PoolSettings;
use crate::loopback;

/// The variables a process gets from the service's own environment. Lambda's functions know no others.
const INHERITED: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// The variables that say how much a Rust program tells. Every function gets them.
const ALWAYS_PASSED_ON: [&str; 2] = ["RUST_LOG", "RUST_BACKTRACE"];

/// The variables that Lambda reserves, and the one with which functions find the service.
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

/// The reserved variables that may be passed on, so that functions can use other services of AWS.
const ACCOUNT: [&str; 5] =
    ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Returns why a variable of this name cannot be set for a function, or `None` if it can.
pub fn unsettable(name: &str) -> Option<String> {
    if let Some(problem) = unnamable(name) {
        return Some(problem);
    }
    let hint = if ACCOUNT.contains(&name) { "; pass on that of your environment instead" } else { "" };
    RESERVED
        .contains(&name)
        .then(|| format!("`{name}` is reserved: the service sets it, as Lambda does{hint}"))
}

/// Returns why a variable of this name cannot be passed on to a function, or `None` if it can.
pub fn unpassable(name: &str) -> Option<String> {
    if ACCOUNT.contains(&name) { None } else { unsettable(name) }
}

/// Why no environment variable can have this name; none if one can.
fn unnamable(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("the name of a variable cannot be empty".to_owned());
    }
    let wrong = name.chars().find(|character| matches!(character, '=' | '\0'))?;
    Some(format!("the name of a variable cannot contain {wrong:?}, as {name:?} does"))
}

/// Returns the variables of this process that a function gets: the requested ones, and those that every function gets.
///
/// Add them to [`FunctionSettings::environment`](super::FunctionSettings::environment).
pub fn passed_on<'a>(requested: impl Iterator<Item = &'a str>) -> impl Iterator<Item = (String, String)> {
    let names = requested.chain(ALWAYS_PASSED_ON);
    names.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
}

/// The variables of a process; where a name occurs twice, the later one counts.
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
