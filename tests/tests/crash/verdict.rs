//! Whether an execution ended as it must, by its result, its history and the log.

use serde_json::Value;

use crate::acknowledged::Execution;
use crate::callbacks::Callbacks;
use crate::job::Job;
use crate::log::Log;

/// Panics unless the execution ended as it must. Tells whether a body was interrupted that must not run again.
pub(crate) fn check(ended: &Execution, callbacks: &Callbacks) -> bool {
    let Execution { job, history, standing, .. } = ended;
    assert_eq!(standing["Status"], "SUCCEEDED", "{}: {standing}", job.id);
    let result: Value = serde_json::from_str(standing["Result"].as_str().unwrap()).unwrap();
    let took = |callback: &str, answer| callbacks.took(callback, answer);
    assert!(job.accepts(&result, took), "{} came to {result} with {}", job.id, job.input("".as_ref()));
    let unbroken = history.iter().zip(1..).all(|(event, id)| event["EventId"] == id);
    assert!(unbroken, "{}: the history has a gap", job.id);
    let count = |event_type: &str| history.iter().filter(|event| event["EventType"] == event_type).count();
    assert_eq!(count("ExecutionSucceeded"), 1);
    result.as_array().unwrap().iter().any(Value::is_null)
}

/// Whatever handlers saw of a step is what is recorded of it.
pub(crate) fn check_acknowledged(job: &Job, history: &[Value], log: &Log) {
    for ((_, step), nonces) in log.seen.iter().filter(|((id, _), _)| *id == job.id) {
        let recorded = recorded(history, step);
        let seen: Vec<u64> = nonces.iter().copied().collect();
        assert_eq!(recorded, seen, "{} {step}: what is recorded, and what was seen", job.id);
    }
}

/// What is recorded of a step or callback that succeeded, by its nonce.
fn recorded(history: &[Value], name: &str) -> Vec<u64> {
    let payload = |details: &Value| -> Value {
        serde_json::from_str(details["Result"]["Payload"].as_str().unwrap()).unwrap()
    };
    let nonces = history.iter().filter(|event| event["Name"] == name).filter_map(|event| {
        match event["EventType"].as_str().unwrap() {
            "StepSucceeded" => payload(&event["StepSucceededDetails"])["nonce"].as_u64(),
            // The context of a callback that is waited for ends with its answer.
            "ContextSucceeded" => payload(&event["ContextSucceededDetails"]).as_u64(),
            _ => None,
        }
    });
    nonces.collect()
}

/// Panics if a body ran twice that must run at most once an attempt, if two results of a step were seen, or if two
/// invocations of an execution ran at once.
pub(crate) fn check_log(log: &Log) {
    assert!(log.twice.is_empty(), "invoked while they were running: {:?}", log.twice);
    for (((execution, step), attempt), runs) in &log.runs {
        assert!(
            !step.contains("-once") || *runs == 1,
            "{execution} {step} ran {runs} times in attempt {attempt}"
        );
    }
    for ((execution, step), nonces) in &log.seen {
        assert_eq!(nonces.len(), 1, "{execution} {step}: an acknowledged result was lost");
    }
}
