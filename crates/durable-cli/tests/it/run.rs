//! `durable run`: results, errors, names.

use crate::place::{Place, shown, stderr, stdout};

#[test]
fn the_result_is_printed_and_the_operations_are_shown() {
    let place = Place::new();

    let output = place.run(&["--input", r#"{"id": 7}"#, "--name", "a"]).output().unwrap();

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "{\"shipped\":{\"id\":7}}\n");
    assert_eq!(shown(&output), ["order: execution a", "✓ step reserve", "✓ step ship"]);
    assert_eq!(place.bodies(), ["reserve", "ship"]);
    assert!(place.path().join(".durable").is_dir());
}

#[test]
fn the_input_may_be_a_file() {
    let place = Place::new();
    std::fs::write(place.path().join("order.json"), "{\"id\": 8}\n").unwrap();

    let output = place.run(&["--input", "order.json"]).output().unwrap();

    assert_eq!(stdout(&output), "{\"shipped\":{\"id\":8}}\n");
}

#[test]
fn an_execution_that_fails_ends_the_command_with_1() {
    let place = Place::new();

    let output = place.run(&["--input", r#"{"fail": "declined"}"#]).output().unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).ends_with("FAILED: PaymentError: declined\n"), "{}", stderr(&output));
}

#[test]
fn the_result_of_a_closed_execution_is_printed_again() {
    let place = Place::new();
    let run = |arguments: &[&str]| place.run(arguments).output().unwrap();
    let first = run(&["--name", "a", "--input", "[1]"]);

    let same_input = run(&["--name", "a", "--input", "[1]"]);
    let no_input = run(&["--name", "a"]);
    let other_input = run(&["--name", "a", "--input", "[2]"]);

    for again in [same_input, no_input] {
        assert_eq!((again.status.code(), stdout(&again)), (Some(0), stdout(&first)));
        assert!(stderr(&again).starts_with("order: execution a, which already exists\n"));
    }
    assert_eq!(other_input.status.code(), Some(2));
    let error = "error: The name a is already used by an execution of order with a different input; choose another \
                 --name, or omit --input to resume that execution\n";
    assert_eq!(stderr(&other_input), error);
    assert_eq!(place.bodies(), ["reserve", "ship"]);
}

#[test]
fn environment_variables_of_a_function_are_configurable() {
    let place = Place::new();
    let program = place.script("print", "echo \"region $AWS_REGION color $COLOR home $SECRET\"; exit 1");

    let output = place
        .durable(&["run", "print", "--executable"])
        .arg(program)
        .args(["--env", "COLOR=blue", "--env", "SECRET"])
        .env("SECRET", "s3")
        .output()
        .unwrap();

    assert!(stderr(&output).contains("  | region us-east-1 color blue home s3\n"), "{}", stderr(&output));
}

#[test]
fn reserved_variables_are_rejected_on_the_command_line() {
    let place = Place::new();
    let refused = |variable: &str| {
        let output = place.run(&["--env", variable]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };

    assert_eq!(
        refused("AWS_LAMBDA_RUNTIME_API=x"),
        "error: --env: `AWS_LAMBDA_RUNTIME_API` is reserved: the service sets it, as Lambda does\n"
    );
    assert_eq!(refused("=x"), "error: --env: the name of an environment variable cannot be empty\n");
}

#[test]
fn additional_functions_can_be_called() {
    let place = Place::new();
    let run = |input: &str| {
        let arguments = ["run", "order", "--with", "ship", "--plain", "tax", "--name", "a", "--input", input];
        let programs = ["order=order", "ship=order", "tax=tax"];
        let programs = programs.iter().flat_map(|program| ["--executable", program]);
        place.durable(&arguments.into_iter().chain(programs).collect::<Vec<_>>()).output().unwrap()
    };

    let output = run(r#"{"call": "ship:1", "with": {"call": "tax", "with": [7]}}"#);

    assert_eq!(stdout(&output), "{\"taxed\":[7]}\n", "{}", stderr(&output));
    assert_eq!(shown(&output).last().unwrap(), "✓ invoke call of ship:1");
}
