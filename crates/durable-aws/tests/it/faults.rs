//! Connections that fail, on both transports.

use std::time::Duration;

use durable_core::transport::{Transport, TransportError};
use durable_types::api::CheckpointRequest;

use crate::either::{BOTH, Either, Kind, Settings};
use crate::fake_service::{Answer, FakeService, Reply, Request};

fn recorded() -> Answer {
    Answer::ok(r#"{"CheckpointToken": "next", "NewExecutionState": {"Operations": []}}"#)
}

async fn checkpoint(transport: &Either) -> Result<(), TransportError> {
    let response = transport.checkpoint(CheckpointRequest::new("arn", "token", Vec::new())).await?;
    assert_eq!(response.checkpoint_token.as_deref(), Some("next"));
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_reset_before_the_request_is_replaced() {
    for kind in BOTH {
        let service = FakeService::resetting(2, [recorded()]).await;
        let transport = kind.to(&service, Settings::default());

        checkpoint(&transport).await.unwrap();

        assert_eq!(service.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_response_that_does_not_arrive_completely_is_requested_again() {
    for fault in [Reply::Reset, Reply::HalfOfHead(recorded()), Reply::HalfOf(recorded())] {
        for kind in BOTH {
            let service = FakeService::replying([fault.clone(), recorded().into()]).await;
            let transport = kind.to(&service, Settings::default());

            checkpoint(&transport).await.unwrap();

            let [first, second] = service.requests().try_into().unwrap();
            assert_ne!(first.connection, second.connection, "{kind:?} {fault:?}");
            assert_eq!(first.body, second.body, "{kind:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_fault_that_persists_is_an_error_of_the_invocation() {
    for fault in [Reply::Reset, Reply::HalfOfHead(recorded()), Reply::HalfOf(recorded())] {
        for kind in BOTH {
            let service = FakeService::replying(vec![fault.clone(); 9]).await;
            let transport = kind.to(&service, Settings::attempts(3));

            let error = checkpoint(&transport).await.unwrap_err();

            assert!(!error.fails_execution());
            assert_eq!(service.requests().len(), 3, "{kind:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_response_with_a_wrong_length_does_not_reach_the_next_request() {
    for kind in BOTH {
        let service = FakeService::replying([Reply::MoreThan(recorded()), recorded().into()]).await;
        let transport = kind.to(&service, Settings::default());

        let error = checkpoint(&transport).await.unwrap_err();
        checkpoint(&transport).await.unwrap();

        assert!(!error.fails_execution());
        let [first, second] = service.requests().try_into().unwrap();
        assert_ne!(first.connection, second.connection, "{kind:?}");
    }
}

#[tokio::test]
async fn requests_share_a_connection() {
    for kind in BOTH {
        let service = FakeService::replying(vec![recorded(); 3]).await;
        let transport = kind.to(&service, Settings::default());

        for _ in 0..3 {
            checkpoint(&transport).await.unwrap();
        }

        let connections = service.requests().iter().map(|request| request.connection).collect::<Vec<_>>();
        assert_eq!(connections, [0, 0, 0], "{kind:?}");
    }
}

#[tokio::test]
async fn a_connection_that_the_service_closes_after_a_response_is_replaced_without_an_error() {
    for end in [Reply::AnswerAndClose(recorded()), Reply::AnswerAndReset(recorded())] {
        for kind in BOTH {
            let service = FakeService::replying([end.clone(), recorded().into()]).await;
            // A reset may reach the client before it has read the response, which then counts as lost.
            let transport = kind.to(&service, Settings::attempts(2));

            checkpoint(&transport).await.unwrap();
            // The service gets to close the connection.
            tokio::task::yield_now().await;
            let _ = checkpoint(&transport).await;

            let connections: Vec<_> = service.requests().iter().map(|request| request.connection).collect();
            assert!(connections.starts_with(&[0, 1]), "{kind:?} {connections:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_a_kept_connection_loses_is_sent_again_at_once() {
    let service = FakeService::replying([recorded().into(), Reply::Reset, recorded().into()]).await;
    let transport = Kind::Lean.to(&service, Settings::attempts(1));

    checkpoint(&transport).await.unwrap();
    checkpoint(&transport).await.unwrap();

    let [first, lost, repeated] = service.requests().try_into().unwrap();
    assert_eq!([first.connection, lost.connection, repeated.connection], [0, 0, 1]);
    assert_eq!(lost.client_token(), repeated.client_token());
    assert_ne!(first.client_token(), lost.client_token());
}

#[tokio::test]
async fn a_request_that_a_new_connection_loses_counts_as_an_attempt() {
    let service = FakeService::replying([recorded().into(), Reply::Reset, Reply::Reset]).await;
    let transport = Kind::Lean.to(&service, Settings::attempts(1));

    checkpoint(&transport).await.unwrap();
    checkpoint(&transport).await.unwrap_err();

    assert_eq!(service.requests().len(), 3);
}

#[tokio::test]
async fn a_connection_whose_response_does_not_come_is_abandoned() {
    for kind in BOTH {
        let service = FakeService::replying([Reply::Silence, recorded().into(), recorded().into()]).await;
        let response_timeout = Duration::from_secs(1);
        let transport = kind.to(&service, Settings { response_timeout, ..Settings::default() });

        checkpoint(&transport).await.unwrap();
        checkpoint(&transport).await.unwrap();

        let [silent, second, third] = service.requests().try_into().unwrap();
        assert_eq!([silent.connection, second.connection, third.connection], [0, 1, 1], "{kind:?}");
        assert_eq!(silent.body, second.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_responds_is_an_error_of_the_invocation() {
    for kind in BOTH {
        let service = FakeService::replying(vec![Reply::Silence; 9]).await;
        let transport = kind.to(&service, Settings::attempts(3));

        let error = checkpoint(&transport).await.unwrap_err();

        assert!(!error.fails_execution());
    }
}

#[tokio::test]
async fn concurrent_requests_have_connections_of_their_own() {
    for kind in BOTH {
        let service = FakeService::replying(vec![recorded(); 4]).await;
        let transport = kind.to(&service, Settings::default());

        for _ in 0..2 {
            let (first, second) = tokio::join!(checkpoint(&transport), checkpoint(&transport));
            first.unwrap();
            second.unwrap();
        }

        let mut connections: Vec<_> = service.requests().iter().map(|request| request.connection).collect();
        connections.sort_unstable();
        assert_eq!(connections, [0, 0, 1, 1], "{kind:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_dropped_takes_its_connection_along() {
    let service = FakeService::replying([Reply::Silence, recorded().into()]).await;
    let transport = Kind::Lean.to(&service, Settings::default());

    let dropped = tokio::time::timeout(Duration::from_millis(100), checkpoint(&transport)).await;
    checkpoint(&transport).await.unwrap();

    assert!(dropped.is_err());
    let last = service.requests().pop().unwrap();
    assert_eq!(last.connection, 1);
}

#[tokio::test]
async fn no_request_gets_the_response_to_one_that_was_dropped() {
    let echo = |request: &Request| {
        let answer = Answer::ok(format!(r#"{{"CheckpointToken": "{}"}}"#, request.client_token()));
        if request.client_token().ends_with('0') { answer.into() } else { Reply::AnswerLate(answer) }
    };
    for kind in BOTH {
        let service = FakeService::start(0, Box::new(echo)).await;
        let transport = kind.to(&service, Settings::default());
        let mut random = fastrand::Rng::with_seed(7);

        for number in 0..300 {
            let polls = random.u8(1..40);
            tokio::select! {
                () = echoed(&transport, number * 10 + 1) => {}
                () = async { for _ in 0..polls { tokio::task::yield_now().await } } => {}
            }
            echoed(&transport, number * 10).await;
        }
    }
}

/// Sends a checkpoint that the service answers with its client token.
async fn echoed(transport: &Either, id: usize) {
    let mut request = CheckpointRequest::new("arn", "token", Vec::new());
    request.client_token = Some(id.to_string());
    let response = transport.checkpoint(request).await.unwrap();
    assert_eq!(response.checkpoint_token, Some(id.to_string()));
}
