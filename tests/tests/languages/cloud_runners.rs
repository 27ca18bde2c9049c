//! The runners that AWS's testing packages have for functions in its cloud find here what they would find there.

use serde_json::{Value, json};

use crate::language::Language;

/// What both runners tell of an order that is approved and one that is refused.
fn expected() -> Value {
    json!({
        "status": ["SUCCEEDED", "FAILED"],
        "result": "approved",
        "error": "refused",
        "operations": [
            ["STEP", "reserve", "SUCCEEDED"],
            ["STEP", "charge", "SUCCEEDED"],
            ["WAIT", "settle", "SUCCEEDED"],
            ["CONTEXT", "approve", "SUCCEEDED"],
            ["CONTEXT", "numbers", "SUCCEEDED"],
            ["CHAINED_INVOKE", "call-hello:$LATEST", "SUCCEEDED"],
        ],
        "approve": "approved",
    })
}

#[test]
fn the_cloud_runner_of_the_python_testing_package_sees_what_it_sees_on_lambda() {
    if Language::Python.is_missing() {
        return;
    }
    let mut expected = expected();
    expected["nested"] = json!([
        "approve create callback id",
        "approve submitter",
        "double-0",
        "double-1",
        "map-item-0",
        "map-item-1"
    ]);
    expected["charge"] = json!([3, "declined 2"]);
    expected["settle"] = json!(true);
    expected["call"] = json!({ "text": "Hello, Ada!" });

    assert_eq!(Language::Python.drive("cloud_runner.py"), expected);
}

#[test]
fn the_cloud_runner_of_the_javascript_testing_package_sees_what_it_sees_on_lambda() {
    if Language::Node.is_missing() {
        return;
    }
    let mut expected = expected();
    expected["nested"] = json!([null, null, "map-item-0", "double-0", "map-item-1", "double-1"]);
    // This runner takes the attempt from the failure alone.
    expected["charge"] = json!([2, "declined 2", 3]);
    expected["settle"] = json!(1);
    expected["numbers"] = json!("ALL_COMPLETED");
    expected["invocations"] = json!(true);

    assert_eq!(Language::Node.drive("cloud_runner.mjs"), expected);
}
