//! Many quick checkpoints over a network and a service that fail at random.

use std::sync::{Arc, Mutex};

use durable_core::transport::Transport;
use durable_types::OperationUpdate;
use durable_types::api::CheckpointRequest;

use crate::either::{Kind, Settings};
use crate::fake_service::{Answer, FakeService, Reply, Request};
use crate::ledger::Ledger;

/// Treats a checkpoint: mostly well, otherwise with a fault before or after it is recorded.
fn treat(ledger: &mut Ledger, random: &mut fastrand::Rng, request: &Request) -> Reply {
    match random.u8(0..100) {
        0 => Reply::Reset,
        1 => Answer::error(500, "ServiceException", "{}").into(),
        2 => Answer::error(429, "TooManyRequestsException", "{}").into(),
        3 => Answer::new(503, "<html>").into(),
        4 => {
            ledger.record(request);
            Reply::Reset
        }
        5 => {
            ledger.record(request);
            Answer::error(502, "ServiceException", "{}").into()
        }
        6 => Reply::HalfOf(ledger.record(request)),
        7 => Reply::HalfOfHead(ledger.record(request)),
        8 => Reply::AnswerAndClose(ledger.record(request)),
        9 => Reply::AnswerAndReset(ledger.record(request)),
        10 => Reply::AnswerLate(ledger.record(request)),
        _ => ledger.record(request).into(),
    }
}

async fn every_checkpoint_is_recorded_once(kind: Kind, count: usize, seed: u64) {
    let ledger = Arc::new(Mutex::new(Ledger::new()));
    let mut random = fastrand::Rng::with_seed(seed);
    let served = Arc::clone(&ledger);
    let script = Box::new(move |request: &Request| treat(&mut served.lock().unwrap(), &mut random, request));
    let service = FakeService::start(0, script).await;
    let transport = kind.to(&service, Settings::attempts(20));
    let ids: Vec<_> = (0..count).map(|id| id.to_string()).collect();

    let mut token = "0".to_owned();
    for id in &ids {
        let request = CheckpointRequest::new("arn", token, vec![OperationUpdate::start_step(id.as_str())]);
        let response = transport.checkpoint(request).await.unwrap();
        token = response.checkpoint_token.unwrap();
    }

    assert!(service.requests().len() > count);
    assert_eq!(ledger.lock().unwrap().recorded, ids);
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_recorded_twice() {
    every_checkpoint_is_recorded_once(Kind::Lean, 10_000, 7).await;
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_recorded_twice_with_the_aws_sdk() {
    every_checkpoint_is_recorded_once(Kind::AwsSdk, 10_000, 7).await;
}
