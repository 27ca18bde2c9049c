//! The commands against AWS. The local service stands in for it: it takes signed requests as well.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Output;

use super::server::Server;
use super::{Place, stderr, stdout};

/// Runs a command with credentials for AWS, and no other configuration of this machine.
fn with_credentials(place: &Place, arguments: &[&str]) -> Output {
    let mut command = place.durable(arguments);
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("AWS_CONFIG_FILE", "/nowhere").env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
    command.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION").output().unwrap()
}

#[test]
fn executions_on_aws_are_looked_at_with_the_same_commands() {
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
fn what_aws_cannot_do_is_told_before_it_is_asked() {
    let place = Place::new();
    let refusal = |code: i32, arguments: &[&str]| {
        let output = with_credentials(&place, arguments);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        stderr(&output)
    };

    assert!(refusal(2, &["list", "--region", "eu-west-1"]).contains("durable list FUNCTION"));
    assert!(refusal(2, &["logs", "--region", "eu-west-1"]).contains("add --function NAME"));
    assert!(
        refusal(2, &["show", "a", "--region", "eu-west-1"]).contains("add --function NAME, or give the ARN")
    );
}
