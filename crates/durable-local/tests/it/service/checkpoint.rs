//! CheckpointDurableExecution and GetDurableExecutionState, as a function uses them.

use std::sync::{Arc, Mutex};

use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Settings};
use durable_types::InvocationInput;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::client::{Answer, Call};

/// A service whose function never answers, and the first invocation of it.
struct Open {
    service: LocalService,
    arn: String,
    token: String,
    _folder: tempfile::TempDir,
}

impl Open {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (invoked, invocation) = oneshot::channel();
        let invoked = Arc::new(Mutex::new(Some(invoked)));
        let function = FunctionDefinition::in_process("order", move |payload| {
            let first = invoked.lock().unwrap().take();
            if let Some(invoked) = first {
                invoked.send(payload).unwrap();
            }
            std::future::pending()
        });
        let settings = Settings::new(folder.path()).with_function(function);
        let service = LocalService::start(settings).await.unwrap();
        service.start_execution(ExecutionStart::new("order")).await.unwrap();
        let input: InvocationInput = serde_json::from_slice(&invocation.await.unwrap()).unwrap();
        Self { service, arn: input.durable_execution_arn, token: input.checkpoint_token, _folder: folder }
    }

    async fn checkpoint(&self, body: &Value) -> Answer {
        self.send(Call::on("POST", &self.arn, "/checkpoint").body(body.to_string())).await
    }

    async fn send(&self, call: Call<'_>) -> Answer {
        call.send(self.service.address().unwrap()).await
    }
}

fn wait(id: &str) -> Value {
    json!({"Id": id, "Type": "WAIT", "SubType": "Wait", "Action": "START", "WaitOptions": {"WaitSeconds": 60}})
}

#[tokio::test]
async fn a_checkpoint_answers_with_the_next_token_and_what_changed() {
    let open = Open::start().await;

    let answer = open
        .checkpoint(&json!({"CheckpointToken": open.token, "Updates": [wait("w")], "ClientToken": "c"}))
        .await;

    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_ne!(body["CheckpointToken"], json!(open.token));
    let operation = &body["NewExecutionState"]["Operations"][0];
    assert_eq!((&operation["Id"], &operation["Status"]), (&json!("w"), &json!("STARTED")));
}

#[tokio::test]
async fn a_token_is_good_for_one_checkpoint() {
    let open = Open::start().await;
    let body = json!({"CheckpointToken": open.token, "Updates": [wait("w")]});
    open.checkpoint(&body).await;

    let again = open.checkpoint(&body).await;

    let expected = (
        400,
        "InvalidParameterValueException".to_owned(),
        "User".to_owned(),
        "Invalid checkpoint token".to_owned(),
    );
    assert_eq!(again.error(), expected);
}

#[tokio::test]
async fn a_repeated_request_is_recorded_once() {
    let open = Open::start().await;
    let body = json!({"CheckpointToken": open.token, "Updates": [wait("w")], "ClientToken": "c"});

    let first = open.checkpoint(&body).await;
    let second = open.checkpoint(&body).await;

    assert_eq!(first.status, 200);
    assert_eq!(second.json(), first.json());
}

#[tokio::test]
async fn an_update_that_breaks_a_rule_is_refused_with_the_text_of_the_service() {
    let open = Open::start().await;
    let update = json!({"Id": "w", "Type": "WAIT", "Action": "SUCCEED"});

    let answer = open.checkpoint(&json!({"CheckpointToken": open.token, "Updates": [update]})).await;

    let (status, error_type, _, message) = answer.error();
    assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(message, "Invalid action for the given operation type.");
    let answer = open.checkpoint(&json!({"CheckpointToken": open.token})).await;
    assert_eq!(answer.status, 200, "a refused checkpoint leaves its token good");
}

#[tokio::test]
async fn a_body_that_is_no_checkpoint_is_refused() {
    let open = Open::start().await;

    for (body, expected) in [
        ("", "InvalidParameterValueException"),
        ("{\"CheckpointToken\": ", "SerializationException"),
        ("{}", "InvalidParameterValueException"),
        ("{\"CheckpointToken\": 7}", "SerializationException"),
        ("[]", "SerializationException"),
        ("[\"dG9rZW4=\"]", "SerializationException"),
    ] {
        let call = Call::on("POST", &open.arn, "/checkpoint").body(body);
        let (status, error_type, fault, _) = open.send(call).await.error();
        assert_eq!((status, error_type.as_str(), fault.as_str()), (400, expected, "User"), "{body}");
    }
}

#[tokio::test]
async fn a_payload_that_is_too_large_is_refused_with_its_whole_batch() {
    let open = Open::start().await;
    let batch = |length| {
        let begin = json!({"Id": "s", "Type": "STEP", "SubType": "Step", "Action": "START"});
        let end = json!({
            "Id": "s", "Type": "STEP", "SubType": "Step", "Action": "SUCCEED", "Payload": "x".repeat(length)
        });
        json!({"CheckpointToken": open.token, "Updates": [wait("w"), begin, end]})
    };

    let refused = open.checkpoint(&batch(1_048_577)).await;
    let history = open.send(Call::on("GET", &open.arn, "/history")).await.json();
    let accepted = open.checkpoint(&batch(1_048_576)).await;

    let (status, error_type, fault, _) = refused.error();
    let refusal = (status, error_type.as_str(), fault.as_str());
    assert_eq!(refusal, (400, "InvalidParameterValueException", "User"));
    let types: Vec<_> = history["Events"].as_array().unwrap().iter().map(|it| &it["EventType"]).collect();
    assert_eq!(types, [&json!("ExecutionStarted")], "nothing of it is recorded");
    assert_eq!(accepted.status, 200, "the token is good still");
    let operations = &accepted.json()["NewExecutionState"]["Operations"];
    assert!(operations.as_array().unwrap().iter().any(|operation| operation["Status"] == json!("SUCCEEDED")));
}

#[tokio::test]
async fn a_body_that_is_too_large_names_the_operation() {
    let open = Open::start().await;

    let call = Call::on("POST", &open.arn, "/checkpoint").body(vec![b' '; 16_777_217]);
    let (status, error_type, _, message) = open.send(call).await.error();

    assert_eq!((status, error_type.as_str()), (413, "RequestTooLargeException"));
    let expected = "Request must be smaller than 16777216 bytes for the CheckpointDurableExecution operation";
    assert_eq!(message, expected);
}

#[tokio::test]
async fn the_checkpoint_of_an_unknown_execution_has_no_valid_token() {
    let open = Open::start().await;
    let arn = format!("{}x", open.arn);

    let call = Call::on("POST", &arn, "/checkpoint").body(json!({"CheckpointToken": open.token}).to_string());
    let checkpoint = open.send(call).await.error();
    let state = open.send(Call::on("GET", &arn, "/state?CheckpointToken=YQ%3D%3D")).await.error();

    for (status, error_type, _, message) in [checkpoint, state] {
        assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"));
        assert_eq!(message, "Invalid checkpoint token");
    }
}

#[tokio::test]
async fn the_state_is_read_page_by_page() {
    let open = Open::start().await;
    let updates: Vec<Value> = (0..5).map(|index| wait(&format!("w{index}"))).collect();
    let answer = open.checkpoint(&json!({"CheckpointToken": open.token, "Updates": updates})).await;
    let token = answer.json()["CheckpointToken"].as_str().unwrap().replace('=', "%3D").replace('+', "%2B");

    let mut ids = Vec::new();
    let mut marker = String::new();
    let mut pages = 0;
    loop {
        let query =
            format!("/state?CheckpointToken={token}&MaxItems=4&Marker={}", marker.replace(':', "%3A"));
        let page = open.send(Call::on("GET", &open.arn, &query)).await.json();
        for operation in page["Operations"].as_array().unwrap() {
            ids.push(operation["Id"].as_str().unwrap().to_owned());
        }
        pages += 1;
        let Some(next) = page["NextMarker"].as_str() else { break };
        marker = next.to_owned();
    }

    assert_eq!(pages, 2);
    assert_eq!(ids[1..], ["w0", "w1", "w2", "w3", "w4"], "the execution itself is the first");
}

#[tokio::test]
async fn reading_the_state_needs_the_current_token() {
    let open = Open::start().await;

    let missing = open.send(Call::on("GET", &open.arn, "/state")).await.error();
    let wrong = open.send(Call::on("GET", &open.arn, "/state?CheckpointToken=YQ%3D%3D")).await.error();
    let too_many =
        open.send(Call::on("GET", &open.arn, "/state?CheckpointToken=YQ%3D%3D&MaxItems=1001")).await.error();

    assert_eq!(missing.3, "CheckpointToken is required");
    assert_eq!(wrong.3, "Invalid checkpoint token");
    assert_eq!((too_many.0, too_many.1.as_str()), (400, "InvalidParameterValueException"));
}
