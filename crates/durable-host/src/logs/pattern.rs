//! CloudWatch Logs filter patterns: terms, and conditions on JSON properties.

mod condition;
mod parser;

use std::fmt;

use serde_json::Value;

use condition::Condition;
use parser::Parser;

/// A filter pattern of CloudWatch Logs. The default matches every line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern(Matcher);

#[derive(Clone, Debug, Default, PartialEq)]
enum Matcher {
    /// All lines.
    #[default]
    All,
    /// Lines that contain all required terms, no excluded term and, if there are optional terms, at least one of them.
    Terms { required: Vec<String>, excluded: Vec<String>, optional: Vec<String> },
    /// JSON lines that satisfy a condition.
    Json(Condition),
}

/// The error for text that is not a valid filter pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPattern(String);

impl Pattern {
    /// Parses a pattern in CloudWatch Logs syntax.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        if let Some(rest) = text.strip_prefix('{') {
            let inner =
                rest.strip_suffix('}').ok_or_else(|| InvalidPattern("missing closing brace".to_owned()))?;
            return Parser::new(inner)
                .condition()
                .map(|condition| Self(Matcher::Json(condition)))
                .map_err(InvalidPattern);
        }
        let (mut required, mut excluded, mut optional) = (Vec::new(), Vec::new(), Vec::new());
        for term in Parser::new(text).terms().map_err(InvalidPattern)? {
            match term.split_at_checked(1) {
                Some(("-", rest)) if !rest.is_empty() => excluded.push(rest.to_owned()),
                Some(("?", rest)) if !rest.is_empty() => optional.push(rest.to_owned()),
                _ => required.push(term.trim_start_matches(parser::QUOTED).to_owned()),
            }
        }
        Ok(Self(Matcher::Terms { required, excluded, optional }))
    }

    /// Returns whether a line matches.
    pub fn matches(&self, line: &str) -> bool {
        match &self.0 {
            Matcher::All => true,
            Matcher::Terms { required, excluded, optional } => {
                let has = |term: &String| line.contains(term.as_str());
                required.iter().all(has)
                    && !excluded.iter().any(has)
                    && (optional.is_empty() || optional.iter().any(has))
            }
            // The first character rules out most lines that are not JSON without parsing them.
            Matcher::Json(condition) => {
                line.trim_start().starts_with('{')
                    && serde_json::from_str::<Value>(line).is_ok_and(|value| condition.holds(&value))
            }
        }
    }
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invalid character(s) in term: {}", self.0)
    }
}

impl std::error::Error for InvalidPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, line: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(line)
    }

    #[test]
    fn the_lines_of_an_execution_are_found_as_the_conformance_runner_asks_for_them() {
        let pattern =
            r#"{ ($.durableExecutionArn = "arn:aws:a/\"b\"") || ($.executionArn = "arn:aws:a/\"b\"") }"#;

        assert!(matches(pattern, r#"{"executionArn": "arn:aws:a/\"b\"", "message": "x"}"#));
        assert!(matches(pattern, r#"{"durableExecutionArn": "arn:aws:a/\"b\""}"#));
        assert!(!matches(pattern, r#"{"executionArn": "arn:aws:c"}"#));
        assert!(!matches(pattern, r#"arn:aws:a/"b""#), "text is no JSON");
        assert!(
            !matches(pattern, r#"{"record": {"executionArn": "arn:aws:a/\"b\""}}"#),
            "it is not at the top"
        );
    }

    #[test]
    fn conditions_compare_and_combine() {
        let line = r#"{"level": "ERROR", "code": 503, "tags": ["a", "b"], "user": {"name": "Ann"}, "ok": false, "x": null}"#;

        for holds in [
            r#"{ $.level = "ERR*" }"#,
            r#"{ $.level = ERROR }"#,
            r#"{ $.code >= 500 && $.code < 600 }"#,
            r#"{ $.tags[1] = "b" && $.user.name != "Bob" }"#,
            r#"{ ($.code = 1 || $.code = 503) && $.ok IS FALSE }"#,
            r#"{ $.x IS NULL && $.y NOT EXISTS }"#,
            r#"{ $["level"] = "ERROR" }"#,
        ] {
            assert!(matches(holds, line), "{holds}");
        }
        for fails in
            [r#"{ $.level = "INFO" }"#, r#"{ $.code > 503 }"#, r#"{ $.y = 1 }"#, r#"{ $.ok IS TRUE }"#]
        {
            assert!(!matches(fails, line), "{fails}");
        }
    }

    #[test]
    fn terms_are_required_excluded_or_optional() {
        assert!(matches("ERROR", "an ERROR occurred"));
        assert!(!matches("ERROR", "an error occurred"));
        assert!(matches(r#""an error" -fatal"#, "an error occurred"));
        assert!(!matches(r#""an error" -fatal"#, "an error, fatal"));
        assert!(matches("?WARN ?ERROR", "WARN"));
        assert!(!matches("?WARN ?ERROR", "INFO"));
        assert!(matches(r#""-x""#, "a -x b"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for wrong in [
            "{",
            "{ $.a }",
            "{ $.a = }",
            "{ ($.a = 1 }",
            "{ $.a = 1 || }",
            "{ a = 1 }",
            "\"open",
            "{ $.a = 1 } x",
        ] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
