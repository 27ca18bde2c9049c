//! Every requirement with a handler is met in process, on a virtual clock.

use durable_tests::conformance::{run_in_memory, run_with_faulty_plugins};

use crate::{met_before, suite};

#[tokio::test(start_paused = true)]
async fn every_requirement_with_a_handler_is_met_in_process() {
    let Some(cases) = suite() else { return };

    let report = run_in_memory(&cases).await;

    println!("{report}");
    assert!(report.is_success(), "{report}");
    assert!(report.passed() >= met_before(&cases), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_plugin_that_panics_in_any_hook_changes_no_history() {
    let Some(cases) = suite() else { return };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));

    let executions = run_with_faulty_plugins(&cases).await;

    std::panic::set_hook(hook);
    assert!(executions.unwrap() >= 13 * met_before(&cases));
}
