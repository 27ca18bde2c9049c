//! Every requirement with a handler is met in process, on a virtual clock.

use durable_tests::conformance::run_in_memory;

use crate::{met_before, suite};

#[tokio::test(start_paused = true)]
async fn every_requirement_with_a_handler_is_met_in_process() {
    let Some(cases) = suite() else { return };

    let report = run_in_memory(&cases).await;

    println!("{report}");
    assert!(report.is_success(), "{report}");
    assert!(report.passed() >= met_before(&cases), "{report}");
}
