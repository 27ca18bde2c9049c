//! Commands that talk to a running service.

use serde_json::json;

use crate::place::{Place, stderr, stdout};
use crate::server::Server;

#[test]
fn a_function_is_invoked_and_its_execution_is_shown() {
    let server = Server::start();

    let result = server.stdout(&["invoke", "order", "--name", "a-7", "--input", r#"{"id": 7}"#]);
    let listed = server.stdout(&["list"]);
    let shown = server.stdout(&["show", "a-7"]);
    let history = server.json(&["history", "a-7", "--json"]);

    assert_eq!(result, "{\"shipped\":{\"id\":7}}\n");
    assert!(listed.lines().nth(1).unwrap().starts_with("a-7   order     SUCCEEDED  "), "{listed}");
    for expected in
        ["a-7  SUCCEEDED after ", "✓ step reserve", "✓ step ship", "result {\"shipped\":{\"id\":7}}"]
    {
        assert!(shown.contains(expected), "{shown}");
    }
    assert!(!shown.contains('\x1b'), "no colour, because it is no terminal");
    let kinds: Vec<_> =
        history["Events"].as_array().unwrap().iter().map(|event| &event["EventType"]).collect();
    assert_eq!(kinds.first().unwrap().as_str(), Some("ExecutionStarted"));
    assert_eq!(kinds.last().unwrap().as_str(), Some("ExecutionSucceeded"));
}

#[test]
fn an_execution_is_identified_by_arn_name_or_unique_prefix() {
    let server = Server::start();
    let arn = server.start_execution("alpha-1", "[1]");
    let other = server.start_execution("alpha", "[1]");
    server.start_execution("beta", "[1]");
    let id = arn.rsplit('/').next().unwrap();
    let arn_of =
        |text: &str| server.json(&["show", text, "--json"])["Execution"]["DurableExecutionArn"].clone();

    for text in [&arn, "alpha-1", "alpha-", &id[..13]] {
        assert_eq!(arn_of(text), json!(arn), "{text}");
    }
    assert_eq!(arn_of("alpha"), json!(other), "the whole name goes before the beginning of another");
    let ambiguous = server.durable(&["show", "alph"]);
    let unknown = server.durable(&["show", "gamma"]);

    assert_eq!((ambiguous.status.code(), unknown.status.code()), (Some(3), Some(3)));
    assert!(stderr(&ambiguous).contains("matches more than one execution"), "{}", stderr(&ambiguous));
    assert!(stderr(&ambiguous).contains(&arn), "{}", stderr(&ambiguous));
    assert!(stderr(&unknown).contains("no execution matches"), "{}", stderr(&unknown));
}

#[test]
fn an_execution_that_fails_ends_invoke_with_1() {
    let server = Server::start();

    let output = server.durable(&["invoke", "order", "--input", r#"{"fail": "declined"}"#]);
    let as_json = server.durable(&["invoke", "order", "--json", "--input", r#"{"fail": "declined"}"#]);

    assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()));
    assert_eq!(stderr(&output), "FAILED: PaymentError: declined\n");
    assert_eq!(as_json.status.code(), Some(1));
    let error: serde_json::Value = serde_json::from_str(&stdout(&as_json)).unwrap();
    assert_eq!(error["Error"]["errorType"], "PaymentError");
}

#[test]
fn a_list_is_filtered() {
    let server = Server::start();
    for name in ["one", "two"] {
        server.stdout(&["invoke", "order", "--name", name, "--input", "[1]"]);
    }
    server.durable(&["invoke", "order", "--name", "three", "--input", r#"{"fail": "x"}"#]);
    let names = |arguments: &[&str]| {
        let listed = server.json(&[&["list", "--json"], arguments].concat());
        let names = listed.as_array().unwrap().iter().map(|it| it["DurableExecutionName"].as_str().unwrap());
        names.map(str::to_owned).collect::<Vec<_>>()
    };

    assert_eq!(names(&[]), ["three", "two", "one"]);
    assert_eq!(names(&["--reverse", "--limit", "2"]), ["one", "two"]);
    assert_eq!(names(&["order", "--status", "failed"]), ["three"]);
    assert_eq!(names(&["--name", "two"]), ["two"]);
    assert_eq!(names(&["--since", "1h"]).len(), 3);
    assert_eq!(names(&["--before", "1h"]).len(), 0);
    assert_eq!(server.durable(&["list", "--status", "BUSY"]).status.code(), Some(2));
}

#[test]
fn show_reports_that_an_execution_is_held() {
    let server = Server::start();
    server.start_execution("waiting", r#"{"callback": true}"#);
    let held = "not invoked because the service does not serve its function; add it to durable.toml";
    assert!(!server.stdout(&["show", "waiting"]).contains(held));

    let server =
        server.restart_as(|place| place.durable(&["dev", "tax", "--executable", "tax", "--port", "0"]));

    assert!(server.stdout(&["show", "waiting"]).contains(held));
    server.stdout(&["stop", "waiting"]);
    assert!(!server.stdout(&["show", "waiting"]).contains(held), "it has ended");
}

#[test]
fn an_execution_is_stopped_and_deleted() {
    let server = Server::start();
    server.start_execution("slow", r#"{"wait": 60}"#);

    let early = server.durable(&["delete", "slow"]);
    let stopped = server.stdout(&["stop", "slow", "--reason", "enough"]);
    let shown = server.wait_for("slow", "STOPPED");
    let again = server.stdout(&["stop", "slow"]);
    let deleted = server.stdout(&["delete", "slow"]);
    // The deletion waits for the invocation in flight.
    let is_gone = (0..600).any(|_| server.durable(&["show", "slow"]).status.code() == Some(3));

    assert_eq!(early.status.code(), Some(5), "{}", stderr(&early));
    assert!(stopped.starts_with("stopped arn:aws:lambda:"), "{stopped}");
    assert!(again.starts_with("stopped "), "{again}");
    assert_eq!(shown["Execution"]["Error"]["ErrorMessage"], "enough");
    assert!(deleted.starts_with("deleted arn:aws:lambda:"), "{deleted}");
    assert!(is_gone);
}

#[test]
fn an_execution_is_paused_and_resumed() {
    let server = Server::start();
    server.start_execution("slow", r#"{"wait": 1}"#);

    server.stdout(&["pause", "slow", "--reason", "lunch"]);
    let paused = server.wait_for("slow", "PAUSED");
    let shown = server.stdout(&["show", "slow"]);
    server.stdout(&["resume", "slow"]);

    assert_eq!(paused["Execution"]["PauseDetails"]["Reason"], "lunch");
    assert!(shown.contains("paused: lunch; resume with `durable resume`"), "{shown}");
    server.wait_for("slow", "SUCCEEDED");
}

#[test]
fn a_callback_is_answered_with_the_id_that_show_prints() {
    let server = Server::start();
    let id_of = |name: &str| {
        server.start_execution(name, r#"{"callback": true}"#);
        (0..600)
            .find_map(|_| {
                let shown = server.stdout(&["show", name]);
                shown.lines().find_map(|line| line.trim().strip_prefix("└ callback id ").map(str::to_owned))
            })
            .unwrap()
    };
    let (yes, no) = (id_of("yes"), id_of("no"));

    server.stdout(&["callback", "heartbeat", &yes]);
    server.stdout(&["callback", "succeed", &yes, "--result", r#"{"approved": true}"#]);
    server.stdout(&["callback", "fail", &no, "--error-type", "Refusal", "--message", "too dear"]);

    assert_eq!(server.wait_for("yes", "SUCCEEDED")["Execution"]["Result"], r#"{"approved": true}"#);
    let error = &server.wait_for("no", "FAILED")["Execution"]["Error"];
    assert_eq!((&error["ErrorType"], &error["ErrorMessage"]), (&json!("Refusal"), &json!("too dear")));
    assert!(server.stdout(&["show", "no"]).contains("✗ callback approve"));
}

#[test]
fn a_service_is_found_by_the_folder_in_durable_toml() {
    let place = Place::new();
    std::fs::write(
        place.path().join("durable.toml"),
        "[service]\nport = 0\nfolder = \"elsewhere\"\n\n[functions.order]\ncommand = [\"./order\"]\n",
    )
    .unwrap();

    let server = Server::start_configured(place);

    assert_eq!(server.stdout(&["list"]), "no executions\n");
    assert!(server.place.path().join("elsewhere/address").exists());
}

#[test]
fn an_unknown_callback_is_reported() {
    let server = Server::start();

    for word in ["succeed", "fail", "heartbeat"] {
        let output = server.durable(&["callback", word, "bm9uZQ=="]);
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert!(stderr(&output).contains("Callback not found"), "{}", stderr(&output));
    }
}

#[test]
fn a_service_is_found_by_its_folder_or_its_address() {
    let server = Server::start();
    let elsewhere = Place::new();
    let folder = server.place.path().join(".durable");

    let by_folder = elsewhere.durable(&["list", "--folder", folder.to_str().unwrap()]).output().unwrap();
    let by_address = elsewhere.durable(&["list", "--endpoint", &server.endpoint]).output().unwrap();

    assert_eq!(stdout(&by_folder), "no executions\n", "{}", stderr(&by_folder));
    assert_eq!(stdout(&by_address), "no executions\n", "{}", stderr(&by_address));
}

#[test]
fn an_unreachable_service_is_reported_with_advice() {
    let place = Place::new();

    let output = place.durable(&["list", "--endpoint", "http://127.0.0.1:9"]).output().unwrap();

    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        stderr(&output),
        "error: no service is reachable at http://127.0.0.1:9; start one with `durable dev`, or specify \
         --endpoint or --folder\n"
    );
}

#[test]
fn the_help_lists_the_exit_codes() {
    let help = stdout(&Place::new().durable(&["--help"]).output().unwrap());

    insta::assert_snapshot!(help[help.find("Exit codes").unwrap()..]);
}

#[test]
fn completions_contain_the_commands() {
    let place = Place::new();

    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&place.durable(&["completions", shell]).output().unwrap());
        assert!(script.contains("heartbeat"), "{shell}");
    }
}
