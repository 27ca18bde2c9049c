//! The workload on durable.

use std::borrow::Cow;
use std::time::Duration;

use durable_core::{DurableContext, Result, Transport, TransportError, invoke};
use durable_types::InvocationInput;
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};

use crate::{Ledger, Names, Receipt, Workload};

async fn handler(workload: Workload, ctx: DurableContext) -> Result<u64> {
    let mut sum = 0;
    for order in 0..workload.steps {
        let receipt = match workload.names {
            Names::Distinct => ctx.step(format!("step-{order}"), async |_| Ok(Receipt::of(order))).await?,
            Names::Equal => ctx.step("step", async |_| Ok(Receipt::of(order))).await?,
        };
        sum += receipt.weight();
    }
    Ok(sum)
}

/// The records behind the transport of durable.
struct InMemory(Ledger);

impl Transport for InMemory {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        Ok(self.0.checkpoint(request).await)
    }

    async fn get_state(&self, _: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        Err(TransportError::execution("the payload was whole"))
    }
}

/// A function on durable, connected to the records of one execution.
pub(crate) struct Function {
    runtime: tokio::runtime::Runtime,
    transport: InMemory,
}

impl Function {
    pub(crate) fn new(workload: Workload, latency: Duration) -> Self {
        Self { runtime: crate::sdk::runtime(), transport: InMemory(Ledger::new(workload, latency)) }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.transport.0
    }

    /// One invocation, from the bytes of its payload to the bytes of its answer.
    pub(crate) fn invoke(&self, payload: Cow<'static, [u8]>) -> Vec<u8> {
        let input: InvocationInput = serde_json::from_slice(&payload).expect("the payload is one");
        drop(payload);
        let output = self.runtime.block_on(invoke(&self.transport, input, &handler));
        serde_json::to_vec(&output.expect("the invocation answers")).expect("an answer has a JSON form")
    }
}
