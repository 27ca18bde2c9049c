//! AWS's requirements about OpenTelemetry are met: functions export the spans that these assert.

use durable_tests::conformance::{
    Case, load, run_telemetry_in_memory, run_telemetry_over_http, run_with_distorted_spans,
};

/// The requirements about OpenTelemetry, if the environment names their folder.
fn suite() -> Option<Vec<Case>> {
    let Some(folder) = std::env::var_os("DURABLE_CONFORMANCE_OTEL") else {
        println!("skipped: DURABLE_CONFORMANCE_OTEL names no folder with requirements");
        return None;
    };
    let cases = load(&[folder.into()]).unwrap();
    assert!(!cases.is_empty(), "the folder has no requirements");
    Some(cases)
}

#[tokio::test(start_paused = true)]
async fn spans_that_are_exported_in_process_are_as_asserted() {
    let Some(cases) = suite() else { return };

    let report = run_telemetry_in_memory(&cases).await;

    println!("{report}");
    assert_eq!(report.passed(), cases.len(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_span_that_is_missing_or_wrong_is_noticed_by_every_requirement() {
    let Some(cases) = suite() else { return };

    let evaluations = run_with_distorted_spans(&cases).await;

    assert!(evaluations.unwrap() > 10 * cases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_processes_export_to_a_collector_are_as_asserted() {
    let Some(cases) = suite() else { return };

    let report = run_telemetry_over_http(&cases, env!("CARGO_BIN_EXE_conformance").into()).await.unwrap();

    println!("{report}");
    assert_eq!(report.passed(), cases.len(), "{report}");
}

/// A requirement that only the execution view meets.
const BELOW_WORKFLOW: &str = r#"
Input: {scenario: wait-resume}
AsyncInvoke: true
ExpectedExecutionHistory:
  - {EventId: 2, EventType: WaitStarted, Id: "${WAIT}"}
ExpectedResult: {ExecutionStatus: SUCCEEDED}
TelemetryAssertions:
  minimum_invocations: 2
  require_unique_root_per_trace: true
  span_assertions:
    - select: {name: otel-wait, attributes: {durable.operation.status: SUCCEEDED}}
      expect:
        service_name: "${SERVICE_NAME}"
        attributes: {durable.operation.id: "${WAIT}"}
        parent: {name: Workflow}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_are_not_as_asserted_are_found_in_what_a_collector_received() {
    let folder = tempfile::tempdir().unwrap();
    for (suite, id) in [("otel-execution", "1-1"), ("otel-invocation", "1-2")] {
        std::fs::create_dir(folder.path().join(suite)).unwrap();
        std::fs::write(folder.path().join(suite).join(format!("{id}.yaml")), BELOW_WORKFLOW).unwrap();
    }
    let cases = load(&[folder.path().to_owned()]).unwrap();

    let report = run_telemetry_over_http(&cases, env!("CARGO_BIN_EXE_conformance").into()).await.unwrap();

    assert_eq!(report.passed(), 1, "{report}");
    assert_eq!(report.failed().collect::<Vec<_>>(), ["1-2"]);
    assert!(report.to_string().contains(r#"name is "Invocation", expected "Workflow""#), "{report}");
}
