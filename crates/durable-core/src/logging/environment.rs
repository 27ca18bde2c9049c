//! The logging settings in the environment variables of the process.

use tracing_subscriber::filter::{LevelFilter, Targets};

use super::error::LoggingError;
use super::log_format::LogFormat;

const DIRECTIVES: &str = "RUST_LOG";
const LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";
const FORMAT: &str = "AWS_LAMBDA_LOG_FORMAT";

/// The logging settings in the environment variables of the process.
#[derive(Debug)]
pub(super) struct Environment {
    /// The events that are written.
    pub(super) filter: Targets,
    /// The format of the lines, if set.
    pub(super) format: Option<LogFormat>,
}

impl Environment {
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, LoggingError> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        let filter = match set(DIRECTIVES) {
            Some(value) => directives(value)?,
            None => Targets::new().with_default(set(LEVEL).map_or(Ok(LevelFilter::INFO), level)?),
        };
        Ok(Self { filter, format: set(FORMAT).map(format).transpose()? })
    }
}

fn directives(value: String) -> Result<Targets, LoggingError> {
    let parts: Vec<&str> = value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(",").parse().map_err(|_| {
        let expected = "levels for targets, such as `info,my_function=debug`";
        LoggingError::variable(DIRECTIVES, value, expected)
    })
}

fn level(value: String) -> Result<LevelFilter, LoggingError> {
    // Lambda has a level above ERROR, which `tracing` lacks.
    let name = if value.trim().eq_ignore_ascii_case("fatal") { "error" } else { value.trim() };
    name.parse().map_err(|_| {
        LoggingError::variable(LEVEL, value, "`TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`")
    })
}

fn format(value: String) -> Result<LogFormat, LoggingError> {
    match value.trim() {
        name if name.eq_ignore_ascii_case("json") => Ok(LogFormat::Json),
        name if name.eq_ignore_ascii_case("text") => Ok(LogFormat::Text),
        _ => Err(LoggingError::variable(FORMAT, value, "`JSON` or `Text`")),
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, LoggingError> {
        let value = |(_, value): &(&str, &str)| (*value).to_owned();
        Environment::read(|name| variables.iter().find(|(known, _)| *known == name).map(value))
    }

    /// Returns the most verbose level that is written for a target.
    fn level_of(variables: &[(&str, &str)], target: &str) -> Option<Level> {
        let filter = read(variables).unwrap().filter;
        let levels = [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
        levels.into_iter().find(|level| filter.would_enable(target, level))
    }

    #[test]
    fn without_variables_lines_are_those_of_info_and_above() {
        assert_eq!(level_of(&[], "any"), Some(Level::INFO));
        assert_eq!(level_of(&[(DIRECTIVES, ""), (LEVEL, " ")], "any"), Some(Level::INFO));
        assert_eq!(read(&[]).unwrap().format, None);
    }

    #[test]
    fn the_level_of_lambda_is_that_of_all_targets() {
        let levels = [
            ("TRACE", Level::TRACE),
            ("debug", Level::DEBUG),
            ("WARN", Level::WARN),
            ("FATAL", Level::ERROR),
        ];

        for (value, level) in levels {
            assert_eq!(level_of(&[(LEVEL, value)], "any"), Some(level), "{value}");
        }
    }

    #[test]
    fn directives_say_which_targets_are_written_whatever_the_level_of_lambda() {
        let variables = [(DIRECTIVES, "warn, my_function=debug,my_function::noisy=off,"), (LEVEL, "TRACE")];

        assert_eq!(level_of(&variables, "other"), Some(Level::WARN));
        assert_eq!(level_of(&variables, "my_function::part"), Some(Level::DEBUG));
        assert_eq!(level_of(&variables, "my_function::noisy"), None);
    }

    #[test]
    fn the_format_of_lambda_is_that_of_the_lines() {
        assert_eq!(read(&[(FORMAT, "JSON")]).unwrap().format, Some(LogFormat::Json));
        assert_eq!(read(&[(FORMAT, "Text")]).unwrap().format, Some(LogFormat::Text));
    }

    #[test]
    fn a_value_that_means_nothing_is_an_error_that_names_the_variable_and_what_it_can_be() {
        for (name, value, expected) in [
            (DIRECTIVES, "my_function=loud", "levels for targets"),
            (LEVEL, "LOUD", "`TRACE`"),
            (FORMAT, "XML", "`JSON` or `Text`"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!([name, value, expected].iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
