//! The same functions against AWS's own local runner, a service that is not ours.

use std::path::Path;

use durable_tests::conformance::run_on_aws_runner;

use crate::suite;

/// Requirements that need the end of an invocation whose process died in the history; the runner does not record it.
const NOT_RECORDED: [&str; 2] = ["1-17", "3-12"];

#[tokio::test(flavor = "multi_thread")]
async fn every_requirement_with_a_handler_is_met_on_the_runner_of_aws_as_far_as_it_tells() {
    let Some(runner) = std::env::var_os("DURABLE_TEST_AWS_RUNNER") else {
        println!("skipped: DURABLE_TEST_AWS_RUNNER does not name the program dex-local-runner");
        return;
    };
    let Some(cases) = suite() else { return };
    let program = env!("CARGO_BIN_EXE_conformance").into();

    let report = run_on_aws_runner(&cases, program, Path::new(&runner)).await.unwrap();

    println!("{report}");
    assert_eq!(report.failed().collect::<Vec<_>>(), NOT_RECORDED, "{report}");
}
