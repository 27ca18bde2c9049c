//! A handler with a step, a retry, a wait, a callback, a map and calls of functions in other languages.

use serde_json::{Value, json};

use crate::language::Language;
use crate::project::Project;

/// What the functions that greet return.
fn greeting(function: &str) -> Value {
    json!({ "text": match function {
        "greet-python:$LATEST" => "Hello, Ada, from Python!",
        "greet-node:$LATEST" => "Hello, Ada, from Node.js!",
        "hello:$LATEST" => "Hello, Ada!",
        other => panic!("{other} does not greet"),
    } })
}

/// The functions that can be called here from a function of this language.
fn callable(language: Language) -> Vec<&'static str> {
    let other = match language {
        Language::Python => Language::Node.is_here().then_some("greet-node:$LATEST"),
        Language::Node => Language::Python.is_here().then_some("greet-python:$LATEST"),
    };
    other.into_iter().chain(["hello:$LATEST"]).collect()
}

/// The history one would expect, with the names that the SDK gives what it makes of `wait_for_callback`.
fn expected_history(
    callback: Option<&str>,
    submitter: Option<&str>,
    calls: &[&str],
) -> Vec<(String, Option<String>)> {
    let mut events = vec![
        ("ExecutionStarted", None),
        ("StepStarted", Some("reserve")),
        ("StepSucceeded", Some("reserve")),
        ("StepStarted", Some("charge")),
        ("StepFailed", Some("charge")),
        ("StepStarted", Some("charge")),
        ("StepFailed", Some("charge")),
        ("StepStarted", Some("charge")),
        ("StepSucceeded", Some("charge")),
        ("WaitStarted", Some("settle")),
        ("WaitSucceeded", Some("settle")),
        ("ContextStarted", Some("approve")),
        ("CallbackStarted", callback),
        ("StepStarted", submitter),
        ("StepSucceeded", submitter),
        ("CallbackSucceeded", callback),
        ("ContextSucceeded", Some("approve")),
        ("ContextStarted", Some("numbers")),
    ];
    for (item, step) in [("map-item-0", "double-0"), ("map-item-1", "double-1"), ("map-item-2", "double-2")] {
        let of_item = [
            ("ContextStarted", item),
            ("StepStarted", step),
            ("StepSucceeded", step),
            ("ContextSucceeded", item),
        ];
        events.extend(of_item.map(|(event, name)| (event, Some(name))));
    }
    events.push(("ContextSucceeded", Some("numbers")));
    let names: Vec<String> = calls.iter().map(|call| format!("call-{call}")).collect();
    for name in &names {
        events.extend(
            ["ChainedInvokeStarted", "ChainedInvokeSucceeded"].map(|event| (event, Some(name.as_str()))),
        );
    }
    events.push(("ExecutionSucceeded", None));
    events.into_iter().map(|(event, name)| (event.to_owned(), name.map(str::to_owned))).collect()
}

/// Runs an order in this language, and checks everything but its history, which it gives.
fn run_order(language: Language, calls: &[&str]) -> Vec<(String, Option<String>)> {
    let project = Project::serve();
    let input = json!({ "id": "o-1", "numbers": [1, 2, 3], "calls": calls });

    let arn = project.start(&format!("order-{}", language.word()), &input);
    project.answer_callback(&arn, language, "approved");
    let execution = project.closed(&arn);

    assert_eq!(execution["Status"], "SUCCEEDED", "{execution}");
    let result: Value = serde_json::from_str(execution["Result"].as_str().unwrap()).unwrap();
    let expected = json!({
        "reserved": "o-1/1",
        "charged": { "attempt": 3 },
        "approval": "approved",
        "doubled": [2, 4, 6],
        "called": calls.iter().map(|call| greeting(call)).collect::<Vec<_>>(),
    });
    assert_eq!(result, expected);
    assert_eq!((project.runs(language, "reserve"), project.runs(language, "charge")), (1, 3));
    project.history(&arn)
}

#[test]
fn an_order_on_the_python_sdk_runs_as_it_does_on_lambda() {
    if Language::Python.is_missing() {
        return;
    }
    let calls = callable(Language::Python);

    let history = run_order(Language::Python, &calls);

    let (callback, submitter) = ("approve create callback id", "approve submitter");
    assert_eq!(history, expected_history(Some(callback), Some(submitter), &calls));
}

#[test]
fn an_order_on_the_javascript_sdk_runs_as_it_does_on_lambda() {
    if Language::Node.is_missing() {
        return;
    }
    let calls = callable(Language::Node);

    let history = run_order(Language::Node, &calls);

    assert_eq!(history, expected_history(None, None, &calls));
}

#[test]
fn a_rust_function_calls_functions_of_other_languages() {
    let languages = [Language::Python, Language::Node].into_iter().filter(|language| !language.is_missing());
    let calls: Vec<String> = languages.map(|it| format!("greet-{}:$LATEST", it.word())).collect();
    let project = Project::serve();

    let arn = project.start("caller", &json!({ "calls": calls }));
    let execution = project.closed(&arn);

    assert_eq!(execution["Status"], "SUCCEEDED", "{execution}");
    let returned: Value = serde_json::from_str(execution["Result"].as_str().unwrap()).unwrap();
    assert_eq!(returned, calls.iter().map(|call| greeting(call)).collect::<Value>());
}
