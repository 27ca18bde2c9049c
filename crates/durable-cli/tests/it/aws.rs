//! Commands against AWS, for which the local service stands in: it accepts signed requests as well.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Output;

use crate::place::{Place, stderr, stdout};
use crate::server::Server;

/// Runs a command with AWS credentials and without the configuration of this machine.
fn with_credentials(place: &Place, arguments: &[&str]) -> Output {
    let mut command = place.durable(arguments);
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("AWS_CONFIG_FILE", "/nowhere").env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
    command.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION").output().unwrap()
}

#[test]
fn the_same_commands_read_executions_on_aws() {
    let server = Server::start();
    let arn = server.start_execution("alpha-1", "[1]");
    server.wait_for("alpha-1", "SUCCEEDED");
    let aws = |arguments: &[&str]| {
        let service = ["--region", "eu-west-1", "--endpoint", &server.endpoint];
        let output = with_credentials(&server.place, &[arguments, &service].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };

    assert!(aws(&["list", "order"]).contains("alpha-1"));
    for execution in [vec!["show", &arn], vec!["show", "alpha", "--function", "order"]] {
        assert!(aws(&execution).contains("✓ step ship"));
    }
    assert_eq!(aws(&["invoke", "order", "--input", "[2]"]), "{\"shipped\":[2]}\n");
    let logs = aws(&["logs", &arn]);
    assert!(
        logs.contains("an order came") && !logs.contains("plain words"),
        "CloudWatch finds JSON alone: {logs}"
    );
    let exported: serde_json::Value = serde_json::from_str(&aws(&["export", &arn])).unwrap();
    assert_eq!(exported["record"], serde_json::Value::Null);
}

#[test]
fn requests_to_aws_are_signed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let seen = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let body = r#"{"DurableExecutions": []}"#;
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        head
    });

    let output = with_credentials(
        &Place::new(),
        &["list", "order:$LATEST", "--region", "eu-west-1", "--endpoint", &endpoint, "--json"],
    );

    assert_eq!(stdout(&output), "[]\n", "{}", stderr(&output));
    let head = seen.join().unwrap();
    let expected = "GET /2025-12-01/functions/order%3A%24LATEST/durable-executions?MaxItems=50 HTTP/1.1";
    assert_eq!(head[0], expected);
    let signature = head.iter().find(|line| line.to_lowercase().starts_with("authorization: ")).unwrap();
    assert!(signature.contains("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{signature}");
    assert!(signature.contains("/eu-west-1/lambda/aws4_request, SignedHeaders=host;"), "{signature}");
}

#[test]
fn unsupported_requests_to_aws_are_rejected_locally() {
    let place = Place::new();
    let refusal = |code: i32, arguments: &[&str]| {
        let output = with_credentials(&place, arguments);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        stderr(&output)
    };

    assert!(refusal(2, &["list", "--region", "eu-west-1"]).contains("durable list FUNCTION"));
    assert!(refusal(2, &["logs", "--region", "eu-west-1"]).contains("add --function NAME"));
    assert!(
        refusal(2, &["show", "a", "--region", "eu-west-1"])
            .contains("add --function NAME, or specify the ARN")
    );
}

#[test]
fn missing_credentials_are_reported_with_the_profile() {
    let place = Place::new();
    let refusal = |arguments: &[&str]| {
        let mut command = place.durable(arguments);
        for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"] {
            command.env_remove(variable);
        }
        command.env("AWS_CONFIG_FILE", "/nowhere").env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
        let output = command.env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        stderr(&output)
    };

    let of_profile = refusal(&["list", "order", "--region", "eu-west-1", "--profile", "nobody"]);
    let of_all = refusal(&["list", "order", "--region", "eu-west-1"]);
    let of_region = refusal(&["list", "order", "--aws"]);

    assert!(of_profile.starts_with("error: no AWS credentials in the profile `nobody`: "), "{of_profile}");
    assert!(of_all.starts_with("error: no AWS credentials: "), "{of_all}");
    assert!(of_all.ends_with("; sign in, or choose a profile with --profile\n"), "{of_all}");
    assert_eq!(of_region, "error: no region is configured; specify one with --region, or set AWS_REGION\n");
}

#[test]
fn expired_credentials_are_reported_with_advice() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let aws = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        lines.take_while(|line| !line.is_empty()).for_each(drop);
        let body = r#"{"message": "The security token included in the request is expired."}"#;
        let head = "HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: ExpiredTokenException";
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });

    let output =
        with_credentials(&Place::new(), &["list", "order", "--region", "eu-west-1", "--endpoint", &endpoint]);

    aws.join().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        stderr(&output),
        "error: ExpiredTokenException: The security token included in the request is expired; sign in again, or choose \
         a profile with --profile\n"
    );
}

#[test]
fn an_invalid_region_is_rejected_before_anything_is_sent() {
    let output = with_credentials(&Place::new(), &["list", "order", "--region", "no such"]);

    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("expected a region such as eu-central-1"), "{}", stderr(&output));
}
