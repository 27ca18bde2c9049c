//! Every requirement with a handler is met in process, on a virtual clock.

use std::path::PathBuf;

use durable_tests::conformance::{load, run_in_memory};

#[tokio::test(start_paused = true)]
async fn every_requirement_with_a_handler_is_met() {
    let Some(folder) = std::env::var_os("DURABLE_CONFORMANCE_SUITE").map(PathBuf::from) else {
        println!("skipped: DURABLE_CONFORMANCE_SUITE names no folder with requirements");
        return;
    };

    let report = run_in_memory(&load(&folder).unwrap()).await;

    println!("{report}");
    assert!(report.is_success(), "{report}");
    assert!(report.passed() > 0, "{report}");
}
