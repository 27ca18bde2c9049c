//! Requirements in this process, on a virtual clock.

pub(crate) mod execution;

use std::time::Instant;

use durable::plugin::Plugins;
use durable_testing::TestRunner;
use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;

use super::catalogue::{TARGETS, handler};
use super::drive::drive;
use super::failure::Failure;
use super::log_lines::log_lines;
use super::plugins::{Printer, faulty, plugins};
use super::report::{Report, Verdict};
use super::requirement::Case;
use super::stage::OnStage;
use super::variables::Variables;
use execution::{InMemory, Log};

/// Runs requirements one after the other.
///
/// Timers of the runtime should be virtual as well: a body that sleeps is waited for.
pub async fn run_in_memory(cases: &[Case]) -> Report {
    let began = Instant::now();
    let mut report = Report::default();
    for case in cases {
        let began = Instant::now();
        let verdict = match run(case).await {
            None => Verdict::NotImplemented,
            Some(result) => result.into(),
        };
        report.add(case, verdict, began.elapsed());
    }
    report.elapsed = began.elapsed();
    report
}

/// Runs requirements with a plugin that panics, in each hook in turn, and returns how many executions that were.
///
/// # Errors
/// If a plugin changes the history of an execution.
pub async fn run_with_faulty_plugins(cases: &[Case]) -> Result<usize, Failure> {
    let mut executions = 0;
    for case in cases {
        let variables = Variables::generate(&case.requirement.variables);
        // The first time, the handler of a requirement about a crash ends its process and leaves a file.
        perform(case, &variables, Plugins::default()).await;
        let undisturbed = perform(case, &variables, Plugins::default()).await;
        let Some(Performed { history, .. }) = undisturbed else { continue };
        let history = without_file_names(history);
        for (hook, plugins) in faulty() {
            let disturbed = perform(case, &variables, plugins).await;
            let disturbed = disturbed.map(|disturbed| without_file_names(disturbed.history));
            if disturbed.as_ref() != Some(&history) {
                let name = case.function_name();
                return Err(Failure::new(format!(
                    "a plugin that panics ({hook}) changes the history of {name}"
                )));
            }
            executions += 1;
        }
    }
    Ok(executions)
}

/// Removes the payloads that name files, because the names are random.
fn without_file_names(mut history: Vec<Value>) -> Vec<Value> {
    fn remove(value: &mut Value) {
        match value {
            Value::Object(members) => members.values_mut().for_each(remove),
            Value::String(text) if text.contains("durable-conformance-files") => text.clear(),
            _ => {}
        }
    }
    history.iter_mut().for_each(remove);
    history
}

async fn run(case: &Case) -> Option<Result<(), Failure>> {
    let variables = Variables::generate(&case.requirement.variables);
    Some(perform(case, &variables, Plugins::default()).await?.result)
}

/// A requirement that was performed.
struct Performed {
    result: Result<(), Failure>,
    history: Vec<Value>,
}

/// Performs a requirement with plugins besides its own, if it has a handler.
async fn perform(case: &Case, variables: &Variables, others: Plugins) -> Option<Performed> {
    let runner = TestRunner::new(handler(&case.function_name())?);
    let log = Log::default();
    let runner = runner.plugins(plugins(&case.function_name(), &Printer::new(log.clone()))).plugins(others);
    let runner = TARGETS.into_iter().fold(runner, |runner, target| match handler(target) {
        Some(function) => runner.function(target, function),
        None => runner,
    });
    let input = variables.substitute(&case.requirement.input);
    let _logging = tracing::subscriber::set_default(
        tracing_subscriber::registry().with(log_lines(&case.function_name(), log.clone())),
    );
    Some(match runner.start(&input) {
        Ok(execution) => {
            let mut stage = InMemory { execution, log };
            let result = drive(&case.requirement, variables.clone(), &mut stage).await.map(drop);
            Performed { result, history: stage.history().await.unwrap_or_default() }
        }
        Err(error) => {
            let result = Err(Failure::of("the execution does not start", &error));
            Performed { result, history: Vec::new() }
        }
    })
}
