//! The workload on AWS's Rust SDK, whose client of the Lambda API is answered in memory.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_durable_execution_sdk::{
    BoxError, DurableContext, InvocationPayload, InvocationResponse, LambdaClient, LambdaContext, Options,
    wrap,
};
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use durable_types::api::CheckpointRequest;
use lambda_runtime::LambdaEvent;

use crate::{Ledger, Names, Receipt, Workload};

async fn handler(workload: Workload, ctx: DurableContext) -> Result<u64, BoxError> {
    let mut sum = 0;
    for order in 0..workload.steps {
        let step = ctx.step(move |_| async move { Ok(Receipt::of(order)) });
        let receipt = match workload.names {
            Names::Distinct => step.name(format!("step-{order}")).await?,
            Names::Equal => step.name("step").await?,
        };
        sum += receipt.weight();
    }
    Ok(sum)
}

/// The records behind the HTTP client of the AWS SDK.
#[derive(Clone, Debug)]
struct InMemory(Arc<Ledger>);

impl HttpConnector for InMemory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let ledger = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            assert!(request.uri().ends_with("/checkpoint"), "the payload was whole: {}", request.uri());
            let body = request.body().bytes().expect("the body of a checkpoint is in memory");
            let request: CheckpointRequest = serde_json::from_slice(body).expect("a checkpoint");
            let response = ledger.checkpoint(request).await;
            let body = serde_json::to_vec(&response).expect("plain data has a JSON form");
            let ok = 200_u16.try_into().expect("a status");
            Ok(HttpResponse::new(ok, SdkBody::from(body)))
        })
    }
}

type Answer = Result<InvocationResponse, lambda_runtime::Error>;
type Service = dyn Fn(LambdaEvent<InvocationPayload>) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A function on AWS's SDK, connected to the records of one execution.
pub(crate) struct Function {
    runtime: tokio::runtime::Runtime,
    ledger: Arc<Ledger>,
    service: Box<Service>,
}

impl Function {
    pub(crate) fn new(workload: Workload, latency: Duration) -> Self {
        let ledger = Arc::new(Ledger::new(workload, latency));
        let options = Options::builder().lambda_client(client(InMemory(Arc::clone(&ledger)))).build();
        let service = wrap(handler, options.expect("the options are valid"));
        Self { runtime: crate::sdk::runtime(), ledger, service: Box::new(service) }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// One invocation, from the bytes of its payload to the bytes of its answer.
    pub(crate) fn invoke(&self, payload: Cow<'static, [u8]>) -> Vec<u8> {
        let input: InvocationPayload = serde_json::from_slice(&payload).expect("the payload is one");
        drop(payload);
        let event = LambdaEvent::new(input, LambdaContext::default());
        let output = self.runtime.block_on((self.service)(event));
        serde_json::to_vec(&output.expect("the invocation answers")).expect("an answer has a JSON form")
    }
}

/// A client of the Lambda API that reaches nothing but these records.
fn client(records: InMemory) -> LambdaClient {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "peers"))
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(records.clone())))
        .build();
    LambdaClient::from_conf(config)
}
