//! The requests of the client beside those of the AWS SDK.

use std::collections::BTreeSet;

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Region};
use aws_sdk_lambda::primitives::{Blob, DateTime};
use aws_sdk_lambda::types::{ErrorObject, ExecutionStatus as AwsStatus, InvocationType};
use durable_aws::{Client, aws_sdk_lambda};
use durable_core::types::{ExecutionStatus, Timestamp};

use super::{ARN, client};
use crate::fake_service::{Answer, FakeService, Request};

const CALLBACK: &str = "a/b+c=";

fn aws_sdk(service: &FakeService) -> aws_sdk_lambda::Client {
    let credentials = aws_sdk_lambda::config::Credentials::new("key", "secret", None, None, "test");
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(credentials)
        .endpoint_url(service.url())
        .retry_config(RetryConfig::standard())
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    aws_sdk_lambda::Client::from_conf(config.build())
}

/// What the client sends, and what the AWS SDK sends. The responses do not matter.
async fn sent(
    lean: impl AsyncFnOnce(Client),
    of_aws: impl AsyncFnOnce(aws_sdk_lambda::Client),
) -> [Request; 2] {
    let services = [(); 2].map(|()| FakeService::replying([Answer::ok("{}")]));
    let [first, second] = services;
    let (first, second) = (first.await, second.await);
    lean(client(&first)).await;
    of_aws(aws_sdk(&second)).await;
    [first, second].map(|service| service.requests().into_iter().next().unwrap())
}

/// The headers whose values are compared, and those that only must exist.
fn headers(request: &Request) -> BTreeSet<(&str, &str)> {
    let compared = ["content-type", "amz-sdk-request"];
    let header = |(name, value): (&String, &String)| {
        let is_compared = compared.contains(&name.as_str()) || name.starts_with("x-amz-");
        let is_date = name == "x-amz-date";
        (name.clone(), if is_compared && !is_date { value.clone() } else { String::new() })
    };
    let all: Vec<_> = request.headers.iter().map(header).collect();
    let all: &'static [(String, String)] = all.leak();
    // The AWS SDK sends its user agent twice.
    let all = all.iter().filter(|(name, _)| name != "x-amz-user-agent");
    all.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn parameters(request: &Request) -> BTreeSet<&str> {
    request.query.split('&').filter(|parameter| !parameter.is_empty()).collect()
}

fn signed(request: &Request) -> &str {
    request.headers["authorization"].split(", ").nth(1).unwrap()
}

fn assert_same([lean, aws_sdk]: [Request; 2]) {
    assert_eq!(lean.method, aws_sdk.method);
    assert_eq!(lean.path, aws_sdk.path);
    assert_eq!(parameters(&lean), parameters(&aws_sdk));
    assert_eq!(headers(&lean), headers(&aws_sdk));
    let (mut lean_body, mut aws_body) = (lean.body.clone(), aws_sdk.body.clone());
    for body in [&mut lean_body, &mut aws_body] {
        // Each makes a token of its own.
        if let Some(token) = body.get_mut("ClientToken") {
            *token = token.as_str().unwrap().len().into();
        }
    }
    assert_eq!(lean_body, aws_body);
    // The AWS SDK signs the length of some bodies, which the signature of the body implies.
    let names = |request| signed(request).replace("content-length;", "").replace(";x-amz-user-agent", "");
    assert_eq!(names(&lean), names(&aws_sdk));
}

#[tokio::test]
async fn starts_are_what_the_aws_sdk_sends() {
    let input = serde_json::json!({"id": "order-17"});
    let blob = || Blob::new(serde_json::to_vec(&input).unwrap());
    let all = sent(
        async |client| drop(client.start("order:live", &input).execution_name("o-17").tenant_id("t 1").await),
        async |client| {
            let call = client.invoke().function_name("order:live").invocation_type(InvocationType::Event);
            drop(call.durable_execution_name("o-17").tenant_id("t 1").payload(blob()).send().await);
        },
    )
    .await;
    assert_same(all);

    let few = sent(
        async |client| drop(client.invoke::<(), _>("order:$LATEST", &input).await),
        async |client| {
            let call = client.invoke().function_name("order:$LATEST");
            drop(call.invocation_type(InvocationType::RequestResponse).payload(blob()).send().await);
        },
    )
    .await;
    assert_same(few);
}

#[tokio::test]
async fn reads_are_what_the_aws_sdk_sends() {
    let state = sent(
        async |client| drop(client.execution::<()>(ARN).describe().await),
        async |client| drop(client.get_durable_execution().durable_execution_arn(ARN).send().await),
    );
    assert_same(state.await);

    let history = sent(
        async |client| {
            let history = client.execution::<()>(ARN).history().include_execution_data(false);
            drop(history.reverse_order(true).max_items(10).await);
        },
        async |client| {
            let call = client.get_durable_execution_history().durable_execution_arn(ARN);
            drop(call.include_execution_data(false).reverse_order(true).max_items(10).send().await);
        },
    );
    assert_same(history.await);

    // The AWS SDK leaves out a fraction of zero.
    let millis = 1_767_323_045_678;
    let list = sent(
        async |client| {
            let list = client.executions("order").qualifier("live").execution_name("o-17");
            let list = list.status(ExecutionStatus::Running).status(ExecutionStatus::Failed);
            let list = list.started_after(Timestamp::from_millis(millis));
            drop(list.started_before(Timestamp::from_millis(millis)).reverse_order(false).max_items(7).await);
        },
        async |client| {
            let call = client.list_durable_executions_by_function().function_name("order").qualifier("live");
            let call = call.durable_execution_name("o-17").statuses(AwsStatus::Running);
            let call = call.statuses(AwsStatus::Failed).started_after(DateTime::from_millis(millis));
            let call = call.started_before(DateTime::from_millis(millis)).reverse_order(false);
            drop(call.max_items(7).send().await);
        },
    );
    assert_same(list.await);
}

#[tokio::test]
async fn a_stop_is_what_the_aws_sdk_sends() {
    let error = || ErrorObject::builder().error_type("Error").error_message("cancelled").build();
    let stop = sent(
        async |client| drop(client.execution::<()>(ARN).stop().error("cancelled").await),
        async |client| {
            let call = client.stop_durable_execution().durable_execution_arn(ARN);
            drop(call.error(error()).send().await);
        },
    );
    assert_same(stop.await);
}

#[tokio::test]
async fn answers_to_callbacks_are_what_the_aws_sdk_sends() {
    let success = sent(
        async |client| drop(client.callback(CALLBACK).succeed(&[1, 2]).await),
        async |client| {
            let call = client.send_durable_execution_callback_success().callback_id(CALLBACK);
            drop(call.result(Blob::new("[1,2]")).send().await);
        },
    );
    assert_same(success.await);

    let error = ErrorObject::builder().error_type("Error").error_message("rejected").build();
    let failure = sent(
        async |client| drop(client.callback(CALLBACK).fail("rejected").await),
        async |client| {
            let call = client.send_durable_execution_callback_failure().callback_id(CALLBACK);
            drop(call.error(error).send().await);
        },
    );
    assert_same(failure.await);

    let heartbeat = sent(
        async |client| drop(client.callback(CALLBACK).heartbeat().await),
        async |client| {
            drop(client.send_durable_execution_callback_heartbeat().callback_id(CALLBACK).send().await);
        },
    );
    assert_same(heartbeat.await);
}
