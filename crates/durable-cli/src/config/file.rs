//! The parsed file: the settings of the service, and the functions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use toml::Spanned;

use super::error::ConfigError;
use super::function::{ConfiguredFunction, FunctionTable};
use super::place::Source;
use super::service::{ServiceConfig, ServiceTable};

/// The name of the file.
pub(crate) const FILE_NAME: &str = "durable.toml";

/// A project: its functions, and the service that runs them.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) service: ServiceConfig,
    /// The functions, ordered by name.
    pub(crate) functions: Vec<ConfiguredFunction>,
}

/// The file as parsed. `F` is the part of the functions that the caller needs.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FileTable<F: Default> {
    service: ServiceTable,
    functions: F,
}

impl Config {
    /// Reads a file. Paths in it are relative to its folder.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let (folder, text) = folder_and_text(path)?;
        Self::parse(&Source { path, folder: &folder, text: &text })
    }

    /// Reads the file of this folder, if it has one.
    pub(crate) fn here() -> Result<Option<Self>, ConfigError> {
        let path = Path::new(FILE_NAME);
        path.exists().then(|| Self::read(path)).transpose()
    }

    /// Reads the settings of the service from the file of this folder, even if its functions are invalid.
    pub(crate) fn service_here() -> Result<ServiceConfig, ConfigError> {
        let path = Path::new(FILE_NAME);
        if !path.exists() {
            return Ok(ServiceConfig::default());
        }
        let (folder, text) = folder_and_text(path)?;
        Self::parse_service(&Source { path, folder: &folder, text: &text })
    }

    fn parse(source: &Source<'_>) -> Result<Self, ConfigError> {
        let file: FileTable<BTreeMap<String, Spanned<FunctionTable>>> = written(source)?;
        let service = file.service.check(source)?;
        let functions = file
            .functions
            .into_iter()
            .map(|(name, table)| ConfiguredFunction::check(name, table, source))
            .collect::<Result<_, _>>()?;
        Ok(Self { service, functions })
    }

    fn parse_service(source: &Source<'_>) -> Result<ServiceConfig, ConfigError> {
        written::<IgnoredAny>(source)?.service.check(source)
    }
}

fn written<F: Default + DeserializeOwned>(source: &Source<'_>) -> Result<FileTable<F>, ConfigError> {
    toml::from_str(source.text)
        .map_err(|error| source.error_at(error.span().unwrap_or_default(), worded(error.message())))
}

/// Returns the folder and the text of a file.
fn folder_and_text(path: &Path) -> Result<(PathBuf, String), ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    // Functions may start in other folders, so relative paths are made absolute.
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    Ok((absolute.parent().unwrap_or(Path::new("/")).to_owned(), text))
}

/// Replaces Rust types in a parser message with terms of the file format.
fn worded(problem: &str) -> String {
    let (what, expected) = problem.rsplit_once(", expected ").unwrap_or((problem, ""));
    let expected = match expected {
        "" => return problem.to_owned(),
        "u64" => "a number",
        "a sequence" => "a list such as [\"a\", \"b\"]",
        "a map" => "a table such as { a = \"b\" }",
        other => other,
    };
    format!("{what}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use durable_service::Settings;

    use super::*;
    use crate::config::FunctionSource;

    fn source(text: &str) -> Source<'_> {
        Source { path: Path::new("project/durable.toml"), folder: Path::new("project"), text }
    }

    fn read(text: &str) -> Config {
        Config::parse(&source(text)).unwrap()
    }

    fn refused(text: &str) -> String {
        Config::parse(&source(text)).unwrap_err().to_string()
    }

    #[test]
    fn an_invalid_function_does_not_prevent_reading_the_service_settings() {
        let text = "[service]\nport = 9000\n[functions.order]\ntimeout = 0\nport = 1";

        assert!(refused(text).contains("unknown field"));
        assert_eq!(Config::parse_service(&source(text)).unwrap().address().port(), 9000);
        assert!(Config::parse_service(&source("[service]\nhots = 1")).is_err());
    }

    #[test]
    fn the_example_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/durable.toml");

        let config = Config::read(&path).unwrap();

        let names: Vec<&str> = config.functions.iter().map(ConfiguredFunction::name).collect();
        assert_eq!(names, ["hello", "order"]);
        assert_eq!(config.functions[1].versions.resolve("live"), Some("1"));
    }

    #[test]
    fn a_function_without_settings_is_the_cargo_target_of_its_name() {
        let config = read("[functions.hello]");

        let [hello] = config.functions.as_slice() else { panic!("one function") };
        let FunctionSource::Cargo(build) = &hello.source else { panic!("a cargo target") };
        assert_eq!((build.target.as_str(), build.folder.as_path()), ("hello", Path::new("project")));
        assert_eq!(hello.settings.timeout, Duration::from_secs(900));
        assert!(!hello.is_plain);
    }

    #[test]
    fn every_key_is_parsed() {
        let config = read(
            r#"
            [service]
            host = "::1"
            port = 9000
            folder = "data"
            log_mb = 8
            otlp = "http://localhost:4318"

            [service.rules]
            max_operations = 3_000
            response_page_items = 1
            runtime_error_retries = 0
            max_handler_errors = 5
            handler_error_backoff = { initial = 5, max = 5 }

            [functions.order]
            command = ["./bin/order", "--fast"]
            folder = "work"
            environment = { TABLE = "orders" }
            timeout = 3
            memory = 512
            concurrency = 2
            idle = 60
            tenancy = true
            durable = { execution_timeout = 3600, retention_days = 7 }
            versions = ["1", "2"]
            aliases = { live = "2" }

            [functions.tax]
            endpoint = "http://127.0.0.1:9001"
            plain = true
            "#,
        );

        assert_eq!(config.service.address().to_string(), "[::1]:9000");
        assert_eq!(config.service.folder, Some(PathBuf::from("project/data")));
        assert_eq!(config.service.log_bytes(None), Some(8 * 1024 * 1024));
        assert_eq!(config.service.log_bytes(Some(2)), Some(2 * 1024 * 1024), "the command line outweighs it");
        let endpoint = config.service.otlp(None).unwrap();
        assert_eq!(endpoint.url(), "http://localhost:4318/v1/traces");
        let given = "http://collector:1".parse().unwrap();
        assert_eq!(config.service.otlp(Some(&given)), Some(given), "the command line outweighs it");
        let rules = &config.service.rules;
        assert_eq!((rules.max_operations, rules.response_page_items), (3_000, 1));
        assert_eq!((rules.runtime_error_retries, rules.max_handler_errors), (0, Some(5)));
        assert_eq!(rules.handler_error_backoff.delay(3), Duration::from_secs(5));
        assert_eq!(
            rules.max_data_bytes,
            Settings::default().max_data_bytes,
            "what is missing is as on Lambda"
        );
        let [order, tax] = config.functions.as_slice() else { panic!("two functions") };
        let settings = &order.settings;
        assert_eq!(settings.program, Path::new("project/./bin/order"));
        assert_eq!(settings.arguments, ["--fast"]);
        assert_eq!(settings.folder.as_deref(), Some(Path::new("project/work")));
        assert_eq!(settings.environment["TABLE"], "orders");
        assert_eq!((settings.timeout.as_secs(), settings.idle_limit.as_secs()), (3, 60));
        assert_eq!((settings.memory_mb, settings.concurrency), (512, 2));
        assert!(settings.isolates_tenants);
        assert_eq!(order.durable_config.execution_timeout, Some(3_600));
        assert_eq!(order.durable_config.retention_period_in_days, Some(7));
        assert_eq!(order.versions.resolve("live"), Some("2"));
        assert!(matches!(&tax.source, FunctionSource::Remote(_)));
        assert!(tax.is_plain);
    }

    #[test]
    fn an_unknown_key_is_rejected_with_its_line_and_the_known_keys() {
        let error = refused("[functions.order]\ncommand = [\"x\"]\ntiemout = 3\n");

        assert!(
            error.starts_with("project/durable.toml:3: unknown field `tiemout`, expected one of"),
            "{error}"
        );
        assert!(error.contains("`timeout`") && error.ends_with("\n    tiemout = 3"), "{error}");
        assert!(refused("[function.order]").contains("unknown field `function`"));
        assert!(refused("[service]\nhots = 1").contains("unknown field `hots`"));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_rejected_with_the_expected_type() {
        let error = refused("[functions.order]\n\ntimeout = \"3\"");

        assert_eq!(
            error,
            "project/durable.toml:3: invalid type: string \"3\", expected a number\n    timeout = \"3\""
        );
        assert!(
            refused("[functions.order]\ncommand = \"x\"").contains("expected a list such as [\"a\", \"b\"]")
        );
        let port = refused("[service]\nport = 70_000");
        assert!(port.contains("`port` must be 0 to 65535, but is 70000"), "{port}");
        let otlp = refused("[service]\notlp = \"https://collector\"");
        assert!(otlp.contains("`otlp`: `https://collector` requires TLS"), "{otlp}");
        let error = refused("[service.rules]\nmax_error_bytes = 1_048_577");
        assert!(error.contains("`max_error_bytes` must be 1 to 1048576, but is 1048577"), "{error}");
        let handler = refused("[functions.order]\nruntime = \"node\"\nhandler = \"index\"");
        assert!(handler.contains("`handler` must name a file and a function in it"), "{handler}");
        let backwards = refused("[service.rules]\nhandler_error_backoff = { initial = 5, max = 1 }");
        assert!(backwards.contains("must not exceed its `max`"), "{backwards}");
        let backoff = refused("[service.rules]\nhandler_error_backoff.max = 31_622_401");
        assert!(backoff.contains("`handler_error_backoff.max` must be 0 to 31622400, but is"), "{backoff}");
    }

    #[test]
    fn invalid_toml_is_rejected_with_its_line() {
        assert!(refused("[functions.order]\ntimeout = \n").starts_with("project/durable.toml:2: "));
    }

    #[test]
    fn values_out_of_range_are_rejected_with_the_range() {
        for (line, expected) in [
            ("timeout = 901", "`timeout` must be 1 to 900, but is 901"),
            ("memory = 1", "`memory` must be 128 to 32768, but is 1"),
            ("concurrency = 0", "`concurrency` must be 1 to 1000, but is 0"),
            ("durable = { retention_days = 91 }", "`durable.retention_days` must be 1 to 90, but is 91"),
            ("versions = [\"live\"]", "`versions`: `live` is not a version; versions are numbers"),
            ("aliases = { \"7\" = \"1\" }", "`aliases`: an alias cannot be a number, as `7` is"),
            (
                "aliases = { \"a b\" = \"1\" }",
                "`aliases`: invalid alias `a b`; names may contain only letters, digits, - and _",
            ),
            ("aliases = { a = \"b\" }", "`aliases`: `b` is not a version; versions are numbers or $LATEST"),
            ("command = []", "`command` must name a program"),
            ("handler = \"a.b\"", "`handler` needs a `runtime`, \"python\" or \"node\""),
            ("interpreter = \"python3\"", "`interpreter` needs a `runtime`, \"python\" or \"node\""),
            ("runtime = \"node\"", "`runtime` needs a `handler`, such as \"index.handler\""),
            ("endpoint = \"https://x\"", "`endpoint` must begin with http:// and name a host"),
        ] {
            let error = refused(&format!("[functions.order]\n{line}"));

            assert_eq!(error, format!("project/durable.toml:2: {expected}\n    {line}"));
        }
    }

    #[test]
    fn invalid_variables_are_rejected_with_their_line() {
        for (line, expected) in [
            (
                r#"environment = { "A=B" = "" }"#,
                "`environment`: the name of an environment variable cannot contain '=', but \"A=B\" does",
            ),
            (
                r#"environment = { "" = "" }"#,
                "`environment`: the name of an environment variable cannot be empty",
            ),
            (
                r#"environment = { "A\u0000" = "" }"#,
                "`environment`: the name of an environment variable cannot contain '\\0', but \"A\\0\" does",
            ),
            (r#"environment = { A = "B\u0000" }"#, "`environment.A` must not contain NUL (\\u0000)"),
            (
                r#"environment = { AWS_LAMBDA_RUNTIME_API = "x" }"#,
                "`environment`: `AWS_LAMBDA_RUNTIME_API` is reserved: the service sets it, as Lambda does",
            ),
            (
                r#"environment = { AWS_REGION = "x" }"#,
                "`environment`: `AWS_REGION` is reserved: the service sets it, as Lambda does; pass through \
                 the value from your environment instead",
            ),
            (
                r#"pass_environment = ["_HANDLER"]"#,
                "`pass_environment`: `_HANDLER` is reserved: the service sets it, as Lambda does",
            ),
            (
                r#"pass_environment = ["A=B"]"#,
                "`pass_environment`: the name of an environment variable cannot contain '=', but \"A=B\" does",
            ),
        ] {
            let error = refused(&format!("[functions.order]\n{line}"));

            assert_eq!(error, format!("project/durable.toml:2: {expected}\n    {line}"));
        }
        let error = refused("[functions.order]\n[functions.order.environment]\nA = \"1\"\n\"B=C\" = \"2\"");
        assert!(
            error.starts_with("project/durable.toml:4: ") && error.ends_with("\n    \"B=C\" = \"2\""),
            "{error}"
        );
    }

    #[test]
    fn credentials_and_region_may_be_passed_on() {
        let config =
            read("[functions.order]\npass_environment = [\"AWS_ACCESS_KEY_ID\", \"AWS_REGION\", \"PATH\"]");

        assert_eq!(config.functions[0].settings.environment["PATH"], std::env::var("PATH").unwrap());
    }

    #[test]
    fn empty_texts_and_nul_are_rejected_with_their_line() {
        for (table, line, expected) in [
            ("functions.a", r#"folder = """#, "`folder` must not be empty; give it a value, or remove it"),
            ("service", r#"folder = """#, "`folder` must not be empty; give it a value, or remove it"),
            ("functions.a", r#"folder = "a\u0000""#, "`folder` must not contain NUL (\\u0000)"),
            ("service", r#"folder = "a\u0000""#, "`folder` must not contain NUL (\\u0000)"),
            ("functions.a", r#"command = [""]"#, "`command` must name a program"),
            ("functions.a", r#"command = ["a", "\u0000"]"#, "`command` must not contain NUL (\\u0000)"),
            (
                "functions.a",
                r#"cargo = { target = "" }"#,
                "`cargo.target` must not be empty; give it a value, or remove it",
            ),
            (
                "functions.a",
                r#"cargo = { package = "\u0000" }"#,
                "`cargo.package` must not contain NUL (\\u0000)",
            ),
        ] {
            let error = refused(&format!("[{table}]\n{line}"));

            assert_eq!(error, format!("project/durable.toml:2: {expected}\n    {line}"));
        }
        let node = "[functions.a]\nruntime = \"node\"\n";
        let interpreter = refused(&format!("{node}handler = \"a.b\"\ninterpreter = \"\""));
        let handler = refused(&format!("{node}handler = \"a.\\u0000\""));
        assert!(
            interpreter.starts_with("project/durable.toml:4: `interpreter` must not be empty"),
            "{interpreter}"
        );
        assert!(handler.starts_with("project/durable.toml:3: `handler` must not contain NUL"), "{handler}");
    }

    #[test]
    fn a_function_has_one_kind_of_code() {
        let error = refused("[functions.order]\ncommand = [\"x\"]\nendpoint = \"http://x\"");

        assert_eq!(
            error,
            "project/durable.toml:3: a function must have only one of `command`, `cargo`, `runtime` and \
             `endpoint`\n    endpoint = \"http://x\""
        );
    }

    #[test]
    fn keys_without_effect_are_rejected() {
        let beside_command = refused("[functions.a]\ncommand = [\"run\"]\nhandler = \"a.b\"");
        let of_somebody_else = refused("[functions.a]\nendpoint = \"http://localhost\"\ntenancy = true");

        assert!(beside_command.contains("`handler` needs a `runtime`"), "{beside_command}");
        assert!(of_somebody_else.contains("`tenancy` does not apply"), "{of_somebody_else}");
    }

    #[test]
    fn an_invalid_function_name_is_rejected() {
        let error = refused("\n[functions.\"a b\"]\n");

        assert!(error.starts_with("project/durable.toml:2: invalid function name `a b`"), "{error}");
    }
}
