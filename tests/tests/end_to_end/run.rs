//! `durable run` without disturbance.

use serde_json::json;

use crate::workplace::{Workplace, json, text};

const ORDER: &str =
    r#"{ "id": "o-1", "items": [{ "name": "lamp", "price_cents": 4900 }], "settle_seconds": 1 }"#;

#[test]
fn the_result_is_json_on_the_standard_output() {
    let workplace = Workplace::new();

    let output = workplace.order(&["--input", ORDER]).output().unwrap();

    let charge = json!({ "id": "charge-o-1", "amount_cents": 4900 });
    assert_eq!(json(&output)["charge"], charge);
    assert_eq!(text(&output.stdout).lines().count(), 1);
}

#[test]
fn an_execution_that_has_ended_tells_its_result_again_and_runs_nothing() {
    let workplace = Workplace::new();
    let first = workplace.order(&["--input", ORDER, "--name", "a"]).output().unwrap();
    let history = workplace.history();

    let again = workplace.order(&["--input", ORDER, "--name", "a"]).output().unwrap();

    assert_eq!(json(&again), json(&first));
    assert_eq!(workplace.history(), history);
}

#[test]
fn a_name_that_belongs_to_another_input_is_refused() {
    let workplace = Workplace::new();
    workplace.order(&["--input", ORDER, "--name", "a"]).output().unwrap();

    let other = ORDER.replace("o-1", "o-2");
    let refused = workplace.order(&["--input", &other, "--name", "a"]).output().unwrap();

    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("input"), "{}", text(&refused.stderr));
}

#[test]
fn a_failed_execution_exits_with_1_and_tells_why() {
    let workplace = Workplace::new();

    let failed = workplace.order(&["--input", "{}"]).output().unwrap();

    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed.stderr).contains("InvalidInputError"), "{}", text(&failed.stderr));
    assert!(failed.stdout.is_empty());
}
