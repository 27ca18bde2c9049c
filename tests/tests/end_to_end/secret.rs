//! A service with a secret, which its functions and the commands know.

use std::process::{Command, Stdio};

use durable_tests::serving::Served;
use serde_json::json;

use crate::workplace::{Workplace, json};

const SECRET: (&str, &str) = ("DURABLE_SECRET", "a-long-shared-secret");
const ORDER: &str = r#"{ "id": "o-1", "items": [], "settle_seconds": 1 }"#;

#[test]
fn functions_and_commands_that_know_the_secret_are_served() {
    let workplace = Workplace::new();
    let mut dev = workplace.dev();
    dev.env(SECRET.0, SECRET.1);
    let service = Served::start(dev, drop).unwrap();
    let endpoint = format!("http://127.0.0.1:{}", service.address().port());
    let mut invoke = Command::new(env!("CARGO_BIN_EXE_durable-under-test"));
    invoke.args(["invoke", "order", "--endpoint", &endpoint, "--input", ORDER]).stdin(Stdio::null());

    let stranger = invoke.output().unwrap();
    let invoked = invoke.env(SECRET.0, SECRET.1).output().unwrap();

    assert!(!stranger.status.success());
    assert_eq!(json(&invoked)["charge"], json!({ "id": "charge-o-1", "amount_cents": 0 }));
}
