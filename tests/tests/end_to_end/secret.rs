//! A service with a secret, which its functions and the commands know.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::workplace::{Workplace, json};

const SECRET: (&str, &str) = ("DURABLE_SECRET", "a-long-shared-secret");
const ORDER: &str = r#"{ "id": "o-1", "items": [], "settle_seconds": 1 }"#;

#[test]
fn functions_and_commands_that_know_the_secret_are_served() {
    let workplace = Workplace::new();
    let mut service = workplace.dev().env(SECRET.0, SECRET.1).spawn().unwrap();
    let mut lines = BufReader::new(service.stderr.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.find(|line| line.starts_with("serving")).unwrap();
    let port = told.split("http://0.0.0.0:").nth(1).unwrap().split(',').next().unwrap();
    let endpoint = format!("http://127.0.0.1:{port}");
    // What functions write must be read, or they block.
    std::thread::spawn(move || lines.for_each(drop));
    let mut invoke = Command::new(env!("CARGO_BIN_EXE_durable-under-test"));
    invoke.args(["invoke", "order", "--endpoint", &endpoint, "--input", ORDER]).stdin(Stdio::null());

    let stranger = invoke.output().unwrap();
    let invoked = invoke.env(SECRET.0, SECRET.1).output().unwrap();
    service.kill().unwrap();
    service.wait().unwrap();

    assert!(!stranger.status.success());
    assert_eq!(json(&invoked)["charge"], json!({ "id": "charge-o-1", "amount_cents": 0 }));
}
