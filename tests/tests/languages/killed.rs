//! Functions of other languages whose process is killed in the middle of a step.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::language::Language;
use crate::project::{Project, eventually};

/// Runs a function that waits to be killed, kills it, and checks how the execution goes on.
fn assert_survives(language: Language) {
    let project = Project::serve();
    let arn = project.start(&format!("survive-{}", language.word()), &json!({}));
    let file = project.file(&format!("{}-process", language.word()));
    let process = eventually(|| fs::read_to_string(&file).ok()?.strip_suffix('\n')?.parse::<i32>().ok());

    kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
    let execution = project.closed(&arn);

    assert_eq!(execution["Status"], "SUCCEEDED", "{execution}");
    let result: Value = serde_json::from_str(execution["Result"].as_str().unwrap()).unwrap();
    assert_eq!(result, json!(["first 1", "second"]));
    assert_eq!((project.runs(language, "first"), project.runs(language, "second")), (1, 2));
    assert_eq!(project.failed_invocations(&arn), ["Runtime.ExitError"]);
    let succeeded: Vec<_> =
        project.history(&arn).into_iter().filter(|(event, _)| event == "StepSucceeded").collect();
    let expected = ["first", "second"].map(|name| ("StepSucceeded".to_owned(), Some(name.to_owned())));
    assert_eq!(succeeded, expected);
}

#[test]
fn a_python_function_killed_inside_a_step_is_started_again_and_goes_on() {
    if !Language::Python.is_missing() {
        assert_survives(Language::Python);
    }
}

#[test]
fn a_node_function_killed_inside_a_step_is_started_again_and_goes_on() {
    if !Language::Node.is_missing() {
        assert_survives(Language::Node);
    }
}
