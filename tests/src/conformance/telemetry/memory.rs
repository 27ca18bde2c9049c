//! Requirements about telemetry in this process, on a virtual clock.

use std::time::{Duration, Instant};

use durable_otel::Otel;
use durable_testing::TestRunner;
use serde_json::Value;

use super::conditions::{execution_timeout, has_delay, with_delay};
use super::exporter::InMemoryExporter;
use super::observation::{Observation, SERVICE_NAME};
use super::view::{View, in_each_view};
use crate::conformance::catalogue::{OTEL, OTEL_TARGET, handler};
use crate::conformance::failure::Failure;
use crate::conformance::memory::execution::{InMemory, Log};
use crate::conformance::report::{Report, Verdict};
use crate::conformance::requirement::Case;
use crate::conformance::variables::Variables;

/// How long executions are suspended that can be suspended for long.
const DELAY: Duration = Duration::from_hours(24);

/// Runs requirements about telemetry one after the other, each in the views that it is about.
///
/// Timers of the runtime should be virtual as well: a body that sleeps is waited for.
pub async fn run_telemetry_in_memory(cases: &[Case]) -> Report {
    let began = Instant::now();
    let mut report = Report::default();
    for case in cases {
        let began = Instant::now();
        report.add(case, run(case).await, began.elapsed());
    }
    report.elapsed = began.elapsed();
    report
}

async fn run(case: &Case) -> Verdict {
    in_each_view(case, async |view, assertions| observe(case, view, assertions).await?.evaluate()).await
}

/// Runs a requirement in a view.
pub(super) async fn observe(case: &Case, view: View, assertions: &Value) -> Result<Observation, Failure> {
    let requirement = with_delay(&case.requirement, DELAY);
    let exporter = InMemoryExporter::default();
    let otel = Otel::builder().view(view.into()).workflow_as_root().service_name(SERVICE_NAME);
    let otel = otel.exporter(exporter.clone()).build();
    let otel = otel.map_err(|error| Failure::of("the plugin", &error))?;
    let missing = || Failure::new("there is no handler");
    let runner = TestRunner::new(handler(OTEL).ok_or_else(missing)?)
        .function(OTEL_TARGET, handler(OTEL_TARGET).ok_or_else(missing)?)
        .plugins(otel.plugins());
    let runner = match execution_timeout(&requirement) {
        Some(timeout) => runner.execution_timeout(timeout),
        None => runner,
    };
    let variables = Variables::generate(&requirement.variables);
    let execution = runner.start(&variables.substitute(&requirement.input));
    let execution = execution.map_err(|error| Failure::of("the execution does not start", &error))?;
    let mut stage = InMemory { execution, log: Log::default() };
    let observation =
        Observation::of(&requirement, assertions, variables, &mut stage, |_| exporter.spans()).await?;
    let elapsed = stage.execution.elapsed();
    if has_delay(&requirement) && elapsed < DELAY {
        return Err(Failure::new(format!("the execution took {elapsed:?}, expected at least {DELAY:?}")));
    }
    Ok(observation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A requirement about a scenario, in both views.
    fn case(scenario: &str, status: &str, assertions: &Value) -> Case {
        let operation = if scenario.ends_with("failure") { "failure" } else { "success" };
        let is_long = scenario.starts_with("long-");
        let requirement = json!({
            "Variables": if is_long { json!({"LONG_DELAY_SECONDS": 1}) } else { json!({}) },
            "Input": {"scenario": scenario, "delay_seconds": "${LONG_DELAY_SECONDS}"},
            "AsyncInvoke": true,
            "CallbackActions": [{"CallbackName": "*", "Operation": operation}],
            "ExpectedExecutionHistory": [{"EventId": 1, "EventType": "ExecutionStarted"}],
            "ExpectedResult": {"ExecutionStatus": status},
            "TelemetryAssertions": assertions,
            "ExecutionTelemetryAssertions": assertions,
        });
        let requirement = serde_json::from_value(requirement).unwrap();
        Case { suite: "otel".to_owned(), id: scenario.to_owned(), requirement }
    }

    /// All scenarios with how they end and how often the function is invoked.
    const SCENARIOS: [(&str, &str, usize); 24] = [
        ("success", "SUCCEEDED", 1),
        ("retry", "SUCCEEDED", 2),
        ("terminal-failure", "FAILED", 1),
        ("handled-failure", "SUCCEEDED", 1),
        ("handler-failure", "FAILED", 1),
        ("child-context", "SUCCEEDED", 1),
        ("child-context-failure", "FAILED", 1),
        ("virtual-child-context", "SUCCEEDED", 1),
        ("parallel-hierarchy", "SUCCEEDED", 1),
        ("parallel-failure", "FAILED", 1),
        ("map-hierarchy", "SUCCEEDED", 1),
        ("map-failure", "FAILED", 1),
        ("wait-resume", "SUCCEEDED", 2),
        ("wait-interrupted", "TIMED_OUT", 1),
        ("wait-for-condition", "SUCCEEDED", 2),
        ("wait-for-condition-failure", "FAILED", 1),
        ("wait-for-callback", "SUCCEEDED", 2),
        ("wait-for-callback-failure", "FAILED", 2),
        ("chained-invoke", "SUCCEEDED", 2),
        ("chained-invoke-failure", "FAILED", 2),
        ("long-wait", "SUCCEEDED", 2),
        ("long-retry", "SUCCEEDED", 2),
        ("long-callback", "SUCCEEDED", 2),
        ("long-invoke", "SUCCEEDED", 2),
    ];

    #[tokio::test(start_paused = true)]
    async fn every_scenario_ends_as_it_should_with_a_span_for_each_invocation() {
        let cases = SCENARIOS.map(|(scenario, status, invocations)| {
            let invocation = json!({"name": "Invocation", "attributes": {"durable.execution.arn": "${EXECUTION_ARN}"}});
            let assertions = json!({
                "require_execution_correlation": false,
                "require_unique_root_per_trace": true,
                "span_assertions": {"select": invocation, "count": invocations, "expect": {"kind": "INTERNAL"}},
            });
            case(scenario, status, &assertions)
        });

        let report = run_telemetry_in_memory(&cases).await;

        assert_eq!(report.passed(), cases.len(), "{report}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_view_is_not_that_of_the_other_assertions() {
        let expect = json!({"parent": {"name": "Workflow"}, "service_name": "${SERVICE_NAME}"});
        let assertions = json!({"span_assertions": {"select": {"name": "otel-success"}, "expect": expect}});

        let verdict = run(&case("success", "SUCCEEDED", &assertions)).await;

        let Verdict::Failed(failure) = verdict else { panic!("{verdict:?}") };
        let text = failure.to_string();
        assert!(text.starts_with("in the invocation view: `otel-success` ("), "{text}");
        assert!(text.contains(r#"name is "Invocation", expected "Workflow""#), "{text}");
        assert!(!text.contains("in the execution view"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_execution_that_does_not_end_as_it_should_fails_whatever_its_spans() {
        let verdict = run(&case("success", "FAILED", &json!({}))).await;

        let Verdict::Failed(failure) = verdict else { panic!("{verdict:?}") };
        assert!(failure.to_string().contains("the execution is SUCCEEDED, expected FAILED"), "{failure}");
    }
}
