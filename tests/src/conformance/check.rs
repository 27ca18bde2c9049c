//! Whether an execution did what its requirement says.

use serde_json::Value;

use super::event_names::with_names;
use super::failure::Failure;
use super::history::{match_history, match_value};
use super::logs::match_logs;
use super::requirement::{ExpectedResult, Requirement};
use super::stage::{OnStage, Standing};
use super::value::equal;
use super::variables::Variables;

/// Checks the history, then the result, then the logs; the first that is wrong decides.
pub(crate) async fn check(
    requirement: &Requirement,
    variables: &mut Variables,
    stage: &mut impl OnStage,
) -> Result<(), Failure> {
    let history = with_names(&stage.history().await?);
    match_history(&requirement.expected_execution_history, &history, variables)?;
    if let Some(expected) = &requirement.expected_result {
        match_result(expected, &stage.standing().await?, variables)?;
    }
    if !requirement.expected_logs.is_empty() {
        match_logs(&requirement.expected_logs, &stage.logs().await?, variables)?;
    }
    Ok(())
}

fn match_result(
    expected: &ExpectedResult,
    actual: &Standing,
    variables: &mut Variables,
) -> Result<(), Failure> {
    if expected.execution_status != actual.status {
        let Standing { status, .. } = actual;
        return Err(Failure::new(format!(
            "the execution is {status}, expected {}",
            expected.execution_status
        )));
    }
    if let Some(error) = &expected.error {
        let none = Value::Null;
        match_value("the error", error, actual.error.as_ref().unwrap_or(&none), variables)?;
    }
    let Some(expected) = expected.result.as_ref().filter(|_| actual.status == "SUCCEEDED") else {
        return Ok(());
    };
    let expected = variables.substitute(expected);
    let actual = match &actual.result {
        Some(result) => serde_json::from_str(result).unwrap_or_else(|_| Value::String(result.clone())),
        None => Value::Null,
    };
    if equal(&expected, &actual) {
        return Ok(());
    }
    Err(Failure::new(format!("the result is {actual}, expected {expected}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(expected: Option<Value>, status: &str, result: Option<&str>) -> bool {
        let mut variables = Variables::default();
        variables.bind("NAME", json!("Ada"));
        let expected =
            ExpectedResult { execution_status: "SUCCEEDED".to_owned(), result: expected, error: None };
        let actual = Standing { status: status.to_owned(), result: result.map(str::to_owned), error: None };
        match_result(&expected, &actual, &mut variables).is_ok()
    }

    #[test]
    fn an_error_is_compared_as_far_as_it_is_expected() {
        let fails_with = |error: Option<Value>| {
            let expected = json!({"ExecutionStatus": "FAILED", "Error": {"ErrorType": "${/^Non/}"}});
            let actual = Standing { status: "FAILED".to_owned(), result: None, error };
            let expected = serde_json::from_value(expected).unwrap();
            match_result(&expected, &actual, &mut Variables::default()).is_ok()
        };

        assert!(fails_with(Some(
            json!({"ErrorType": "NonDeterministicExecutionError", "ErrorMessage": "x"})
        )));
        assert!(!fails_with(Some(json!({"ErrorType": "Error"}))));
        assert!(!fails_with(None));
    }

    #[test]
    fn a_result_is_decoded_once_and_compared() {
        assert!(matches(Some(json!("Hello, ${NAME}!")), "SUCCEEDED", Some("\"Hello, Ada!\"")));
        assert!(matches(Some(json!({"a": 1})), "SUCCEEDED", Some("{\"a\": 1.0}")));
        assert!(matches(Some(json!("not json")), "SUCCEEDED", Some("not json")));
        assert!(!matches(Some(json!("x")), "SUCCEEDED", Some("\"y\"")));
    }

    #[test]
    fn a_result_that_nobody_expects_may_be_anything() {
        assert!(matches(None, "SUCCEEDED", Some("1")));
        assert!(!matches(None, "FAILED", None));
    }

    #[test]
    fn no_result_is_null() {
        assert!(matches(Some(Value::Null), "SUCCEEDED", None));
        assert!(matches(Some(Value::Null), "SUCCEEDED", Some("null")));
        assert!(!matches(Some(Value::Null), "SUCCEEDED", Some("0")));
    }
}
