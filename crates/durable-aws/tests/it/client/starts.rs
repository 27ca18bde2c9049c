//! Starts of executions.

use durable_aws::client::ClientError;
use durable_core::Function;
use serde_json::json;

use super::{ARN, client, started};
use crate::fake_service::{Answer, FakeService};

const FULFIL: Function<String, u64> = Function::new("fulfil:live");

#[tokio::test]
async fn a_start_is_accepted_with_the_arn_of_its_execution() {
    let service = FakeService::replying([started()]).await;

    let execution = client(&service)
        .start(FULFIL, "order")
        .execution_name("order-17")
        .tenant_id("t-1")
        .trace_header("Root=1-5759e988-bd862e3fe1be46a994272793")
        .await
        .unwrap();

    let [request] = service.requests().try_into().unwrap();
    assert_eq!(execution.arn(), ARN);
    assert_eq!((request.method.as_str(), request.query.as_str()), ("POST", ""));
    assert_eq!(request.path, "/2015-03-31/functions/fulfil%3Alive/invocations");
    assert_eq!(request.body, json!("order"));
    for (name, value) in [
        ("x-amz-invocation-type", "Event"),
        ("x-amz-durable-execution-name", "order-17"),
        ("x-amz-tenant-id", "t-1"),
        ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
    ] {
        assert_eq!(request.headers[name], value);
    }
}

#[tokio::test]
async fn a_client_and_its_requests_can_move_to_other_tasks() {
    fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let service = FakeService::replying([started()]).await;
    let client = client(&service);
    is_shared(&client);

    let start = client.start(FULFIL, "order");
    let execution = tokio::spawn(start.into_future()).await.unwrap().unwrap();

    is_shared(&execution);
    is_shared(&client.callback("callback"));
}

#[tokio::test]
async fn a_function_without_executions_is_not_durable() {
    let service = FakeService::replying([Answer::new(202, "")]).await;

    let error = client(&service).start(&FULFIL, &String::new()).await.unwrap_err();

    assert!(matches!(&error, ClientError::NotDurable { name, .. } if name == "fulfil:live"), "{error:?}");
}

#[tokio::test]
async fn an_invalid_start_is_not_sent() {
    let service = FakeService::replying([started(), started(), started()]).await;
    let client = client(&service);

    let errors = [
        client.start("two words", &1).await.unwrap_err(),
        client.start("order:live", &1).execution_name("a b").await.unwrap_err(),
        client.start("order:live", &1).tenant_id("").await.unwrap_err(),
        client.start("order:live", &1).trace_header("x".repeat(9_000)).await.unwrap_err(),
        client.start("order:live", &"x".repeat(1_048_576)).await.unwrap_err(),
    ];

    for error in &errors {
        assert!(matches!(error, ClientError::InvalidRequest { .. }), "{error:?}");
    }
    let [.., too_large] = errors;
    let text = format!("{too_large}: {}", std::error::Error::source(&too_large).unwrap());
    assert!(text.starts_with("Invoke of the function `order:live` is invalid: Payload "), "{text}");
    assert!(text.contains("1048576"), "{text}");
    assert_eq!(service.requests().len(), 0);
}

#[tokio::test]
async fn an_input_that_cannot_be_serialized_is_not_sent() {
    let service = FakeService::replying([started()]).await;
    let keys_are_lists = std::collections::HashMap::from([(vec![1], 1)]);

    let error = client(&service).start("order:live", &keys_are_lists).await.unwrap_err();

    assert!(matches!(error, ClientError::Serialize { .. }), "{error:?}");
    assert_eq!(service.requests().len(), 0);
}

#[tokio::test]
async fn a_refusal_says_what_was_refused_why_and_what_to_do() {
    let refused = [
        Answer::error(404, "ResourceNotFoundException", r#"{"Message": "Function not found."}"#),
        Answer::error(409, "DurableExecutionAlreadyStartedException", r#"{"Message": "Started"}"#),
        Answer::error(403, "AccessDeniedException", r#"{"Message": "No"}"#),
    ];
    let service =
        FakeService::replying(refused.map(|answer| answer.with_header("x-amzn-requestid", "r-1"))).await;
    let client = client(&service);

    let mut texts = Vec::new();
    for _ in 0..3 {
        let error = client.start("order:live", &1).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().request_id(), Some("r-1"));
        texts.push(error.to_string());
    }

    assert_eq!(
        texts,
        [
            "Invoke of the function `order:live` was refused with 404 ResourceNotFoundException: Function not found \
             (request r-1); check its name, the account and the region, and whether it was deleted",
            "Invoke of the function `order:live` was refused with 409 DurableExecutionAlreadyStartedException: Started \
             (request r-1); an execution of this name has another input; use another name, or the same input",
            "Invoke of the function `order:live` was refused with 403 AccessDeniedException: No (request r-1); the \
             caller needs the permission lambda:InvokeFunction",
        ]
    );
}
