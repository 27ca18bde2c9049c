//! A function of the file, `[functions.NAME]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use durable_functions::{FunctionSettings, Runtime};
use durable_host::account::Account;
use durable_service::FunctionVersions;
use durable_types::{DurableConfig, is_version_number, limits, validate};
use serde::Deserialize;
use toml::Spanned;

use super::code::{CargoKey, CodeKeys, FunctionSource};
use super::environment::EnvironmentKeys;
use super::error::ConfigError;
use super::place::Source;

/// A function of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfiguredFunction {
    pub(crate) source: FunctionSource,
    /// The settings of its processes. The program is empty until it has been built.
    pub(crate) settings: FunctionSettings,
    pub(crate) durable_config: DurableConfig,
    pub(crate) versions: FunctionVersions,
    pub(crate) is_plain: bool,
}

/// `[functions.NAME]` as parsed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FunctionTable {
    command: Option<Spanned<Vec<String>>>,
    cargo: Option<Spanned<CargoKey>>,
    runtime: Option<Spanned<Runtime>>,
    handler: Option<Spanned<String>>,
    interpreter: Option<Spanned<PathBuf>>,
    endpoint: Option<Spanned<String>>,
    folder: Option<Spanned<PathBuf>>,
    environment: BTreeMap<Spanned<String>, Spanned<String>>,
    pass_environment: Vec<Spanned<String>>,
    timeout: Option<Spanned<u64>>,
    memory: Option<Spanned<u64>>,
    concurrency: Option<Spanned<u64>>,
    idle: Option<Spanned<u64>>,
    tenancy: bool,
    plain: bool,
    durable: DurableTable,
    versions: Vec<Spanned<String>>,
    aliases: BTreeMap<String, Spanned<String>>,
}

/// `durable` as parsed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DurableTable {
    execution_timeout: Option<Spanned<u64>>,
    retention_days: Option<Spanned<u64>>,
}

impl ConfiguredFunction {
    pub(super) fn check(
        name: String,
        table: Spanned<FunctionTable>,
        source: &Source<'_>,
    ) -> Result<Self, ConfigError> {
        check_name(&name, &table, source)?;
        let table = table.into_inner();
        let durable_config = table.durable.check(source)?;
        let versions = versions(&table.versions, &table.aliases, source)?;
        let keys = CodeKeys {
            command: table.command,
            cargo: table.cargo,
            runtime: table.runtime,
            handler: table.handler,
            interpreter: table.interpreter,
            endpoint: table.endpoint,
        };
        let endpoint = keys.endpoint.as_ref().map(Spanned::span);
        let unread = [
            ("folder", table.folder.is_some()),
            ("environment", !table.environment.is_empty()),
            ("pass_environment", !table.pass_environment.is_empty()),
            ("memory", table.memory.is_some()),
            ("idle", table.idle.is_some()),
            ("tenancy", table.tenancy),
        ];
        if let (Some(place), Some((key, _))) = (endpoint, unread.iter().find(|(_, is_given)| *is_given)) {
            let problem = format!(
                "`{key}` does not apply to a function with an `endpoint`, which runs outside the service"
            );
            return Err(source.error_at(place, problem));
        }
        let code = keys.check(&name, source)?;
        let mut settings = FunctionSettings::new(name, PathBuf::new());
        let folder = source.folder;
        match &code {
            FunctionSource::Program { program, arguments } => {
                settings.program.clone_from(program);
                settings.arguments.clone_from(arguments);
                settings.folder = Some(folder.to_owned());
            }
            FunctionSource::Handler { runtime, interpreter, handler } => {
                settings.folder = Some(folder.to_owned());
                runtime.run_handler(&mut settings, interpreter.as_deref(), handler);
            }
            // A container serves one invocation at a time.
            FunctionSource::Remote(_) => settings.concurrency = 1,
            FunctionSource::Cargo(_) => {}
        }
        if let Some(own) = source.path("folder", table.folder)? {
            settings.folder = Some(folder.join(own));
        }
        let environment = EnvironmentKeys { own: table.environment, passed_on: table.pass_environment };
        settings.environment.extend(environment.check(source)?);
        limits(&mut settings, table.timeout, table.idle, source)?;
        if let Some(memory) = source.number("memory", table.memory, 128..=32_768)? {
            settings.memory_mb = u32::try_from(memory).unwrap_or(u32::MAX);
        }
        if let Some(processes) = source.number("concurrency", table.concurrency, 1..=1_000)? {
            settings.concurrency = usize::try_from(processes).unwrap_or(usize::MAX);
        }
        settings.isolates_tenants = table.tenancy;
        Ok(Self { source: code, settings, durable_config, versions, is_plain: table.plain })
    }

    /// Returns the name of the function.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }
}

impl DurableTable {
    fn check(self, source: &Source<'_>) -> Result<DurableConfig, ConfigError> {
        let timeout = source.number(
            "durable.execution_timeout",
            self.execution_timeout,
            1..=limits::MAX_EXECUTION_SECONDS.into(),
        )?;
        let days = source.number(
            "durable.retention_days",
            self.retention_days,
            1..=limits::MAX_RETENTION_DAYS.into(),
        )?;
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let mut config = DurableConfig::default();
        config.execution_timeout = timeout.map(small);
        config.retention_period_in_days = days.map(small);
        Ok(config)
    }
}

fn limits(
    settings: &mut FunctionSettings,
    timeout: Option<Spanned<u64>>,
    idle: Option<Spanned<u64>>,
    source: &Source<'_>,
) -> Result<(), ConfigError> {
    if let Some(seconds) = source.number("timeout", timeout, 1..=limits::MAX_INVOCATION_SECONDS)? {
        settings.timeout = Duration::from_secs(seconds);
    }
    if let Some(seconds) = source.number("idle", idle, 1..=86_400)? {
        settings.idle_limit = Duration::from_secs(seconds);
    }
    Ok(())
}

fn check_name(name: &str, table: &Spanned<FunctionTable>, source: &Source<'_>) -> Result<(), ConfigError> {
    if Account::default().check_function(name).is_ok() {
        return Ok(());
    }
    let problem = format!("invalid function name `{name}`; names may contain only letters, digits, - and _");
    Err(source.error_at(table.span(), problem))
}

fn versions(
    numbers: &[Spanned<String>],
    aliases: &BTreeMap<String, Spanned<String>>,
    source: &Source<'_>,
) -> Result<FunctionVersions, ConfigError> {
    for number in numbers {
        if !is_version_number(number.get_ref()) {
            let problem =
                format!("`versions`: `{}` is not a version; versions are numbers", number.get_ref());
            return Err(source.error_at(number.span(), problem));
        }
    }
    for (alias, version) in aliases {
        let problem = if is_version_number(alias) {
            format!("`aliases`: an alias cannot be a number, as `{alias}` is")
        } else if validate::qualifier(alias).is_err() || alias == "$LATEST" {
            format!("`aliases`: invalid alias `{alias}`; names may contain only letters, digits, - and _")
        } else if !is_version_number(version.get_ref()) && version.get_ref() != "$LATEST" {
            let version = version.get_ref();
            format!("`aliases`: `{version}` is not a version; versions are numbers or $LATEST")
        } else {
            continue;
        };
        return Err(source.error_at(version.span(), problem));
    }
    Ok(FunctionVersions {
        published: numbers.iter().map(|number| number.get_ref().clone()).collect(),
        aliases: aliases.iter().map(|(alias, to)| (alias.clone(), to.get_ref().clone())).collect(),
    })
}
