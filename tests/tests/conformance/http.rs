//! Every requirement with a handler is met by a process of its own, against the local service in real time.

use durable_tests::conformance::run_over_http;

use crate::{met_before, suite};

#[tokio::test(flavor = "multi_thread")]
async fn every_requirement_with_a_handler_is_met_over_http() {
    let Some(cases) = suite() else { return };

    let report = run_over_http(&cases, env!("CARGO_BIN_EXE_conformance").into()).await.unwrap();

    println!("{report}");
    assert!(report.is_success(), "{report}");
    assert!(report.passed() >= met_before(&cases), "{report}");
}
