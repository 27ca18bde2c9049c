//! `durable dev` with a `durable.toml`: serving its functions, and reloading them when they change.

use std::fs;

use serde_json::json;

use crate::place::{Place, stderr};
use crate::running_dev::Dev;

#[test]
fn the_functions_of_the_file_are_served_as_configured() {
    let place = Place::new();
    let text = r#"
        [functions.order]
        command = ["./order"]
        aliases = { live = "7" }

        [functions.tax]
        command = ["./tax"]
        plain = true
    "#;
    fs::write(place.path().join("durable.toml"), text).unwrap();
    let dev = Dev::start(&place);

    let order = dev.invoke("order:live");
    let tax = dev.invoke("tax");

    assert_eq!((order.status, order.json()), (200, json!({"shipped": [1]})));
    assert_eq!(order.header("x-amz-executed-version"), "7");
    assert_eq!((tax.status, tax.json()), (200, json!({"taxed": [1]})));
}

#[test]
fn a_changed_program_is_restarted() {
    let place = Place::new();
    let text = "[functions.tax]\ncommand = [\"./tax\"]\nplain = true";
    fs::write(place.path().join("durable.toml"), text).unwrap();
    let mut dev = Dev::start(&place);
    assert_eq!(dev.invoke("tax").json(), json!({"taxed": [1]}));

    place.script("tax", "exit 3");
    dev.wait_for("tax: changed; restarted");

    assert_eq!(dev.invoke("tax").json()["errorType"], "Runtime.ExitError");
}

#[test]
fn a_program_replaced_by_renaming_is_restarted() {
    let place = Place::new();
    let text = "[functions.tax]\ncommand = [\"./tax\"]\nplain = true";
    fs::write(place.path().join("durable.toml"), text).unwrap();
    let mut dev = Dev::start(&place);
    place.script("new", "exit 3");

    for _ in 0..2 {
        fs::copy(place.path().join("new"), place.path().join("saved")).unwrap();
        fs::rename(place.path().join("saved"), place.path().join("tax")).unwrap();
        dev.wait_for("tax: changed; restarted");
    }

    assert_eq!(dev.invoke("tax").json()["errorType"], "Runtime.ExitError");
}

#[test]
fn a_diverged_invocation_is_retried_by_default() {
    let place = Place::new();
    let function = fs::read_to_string(place.path().join("tax")).unwrap();
    for name in ["default", "own"] {
        let expected = if name == "own" { "fail-execution" } else { "fail-invocation" };
        let guard = format!("[ \"$DURABLE_ON_DIVERGENCE\" = {expected} ] || exit 3\n");
        place.script(name, &(guard + function.trim_start_matches("#!/bin/sh\n")));
    }
    let text = r#"
        [functions.default]
        command = ["./default"]
        plain = true

        [functions.own]
        command = ["./own"]
        plain = true
        environment = { DURABLE_ON_DIVERGENCE = "fail-execution" }
    "#;
    fs::write(place.path().join("durable.toml"), text).unwrap();
    let dev = Dev::start(&place);

    assert_eq!(dev.invoke("default").json(), json!({"taxed": [1]}));
    assert_eq!(dev.invoke("own").json(), json!({"taxed": [1]}));
}

#[test]
fn a_cargo_target_is_rebuilt_when_its_source_changes() {
    let place = Place::new();
    let source = place.path().join("src/main.rs");
    let code = include_str!("fixture/answer.rs");
    fs::create_dir(place.path().join("src")).unwrap();
    let manifest = "[package]\nname = \"answer\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(place.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(&source, code).unwrap();
    fs::write(place.path().join("durable.toml"), "[functions.answer]\nplain = true").unwrap();
    let mut dev = Dev::start(&place);
    assert_eq!(dev.invoke("answer").json(), "first");

    fs::write(&source, "fn main() { no }").unwrap();
    dev.wait_for("the previous build stays in service");
    assert_eq!(dev.invoke("answer").json(), "first");

    fs::write(&source, code.replace("\"first\"", "\"second\"")).unwrap();
    dev.wait_for("answer: changed; restarted");
    assert_eq!(dev.invoke("answer").json(), "second");
}

#[test]
fn errors_in_the_file_name_the_line() {
    let place = Place::new();
    let refused = |arguments: &[&str]| {
        let output = place.durable(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };

    let missing = refused(&["dev"]);
    fs::write(place.path().join("durable.toml"), "[functions.order]\ncomand = []\n").unwrap();
    let wrong = refused(&["dev"]);
    fs::write(place.path().join("durable.toml"), "[functions.order]\ncommand = [\"./order\"]\n").unwrap();
    let unknown = refused(&["dev", "ordr", "--config", "durable.toml"]);

    assert_eq!(
        missing,
        "error: nothing to serve: name a binary or an example of a cargo workspace, or list functions in durable.toml, \
         such as:\n\n[functions.order]\nruntime = \"python\"\nhandler = \"order.handler\"\n"
    );
    assert!(wrong.starts_with("error: durable.toml:2: unknown field `comand`, expected one of"), "{wrong}");
    assert_eq!(unknown, "error: durable.toml defines no function `ordr`; available: order\n");
}
