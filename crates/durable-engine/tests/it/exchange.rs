//! Requests, one at a time.

use durable_engine::{Idle, Progress, Settled};
use durable_types::api::{CheckpointResponse, CheckpointUpdatedExecutionState, GetStateResponse};
use durable_types::{InvocationOutput, OperationStatus};

use crate::session::{NOW, RESOLUTION, Session, at, labels, recorded_step, recorded_wait, step, wait};

fn finish(session: &mut Session, name: &str) -> durable_engine::OperationKey {
    let key = session.live(name, step());
    session.0.poll(key);
    session.0.handle_succeeded(key, Some("1".into()));
    key
}

#[test]
fn what_is_queued_while_a_request_is_under_way_is_the_next_batch() {
    let mut session = Session::new(Vec::new());
    let a = finish(&mut session, "a");
    assert_eq!(session.checkpoint(), ["START a", "SUCCEED a"]);
    finish(&mut session, "b");
    finish(&mut session, "c");

    assert!(session.checkpoint().is_empty(), "one request is under way");
    session.acknowledge("token-1", Vec::new());
    assert!(
        session.outputs_at(NOW).checkpoint.is_none(),
        "what follows from the result of `a` belongs into it"
    );
    session.deliver_all();
    assert_eq!(session.0.poll(a), Progress::Settled(Settled::Succeeded(None)));
    assert!(session.outputs_at(NOW).checkpoint.is_none(), "it could tie with the result of `a`");

    let next = session.outputs_at(NOW.saturating_add(RESOLUTION)).checkpoint.unwrap();
    assert_eq!(labels(&next), ["START b", "SUCCEED b", "START c", "SUCCEED c"]);
    assert_eq!(next.checkpoint_token, "token-1");
}

#[test]
fn a_full_batch_is_sent_at_once_and_the_newest_results_are_delivered_with_its_response() {
    let mut session = Session::new(Vec::new());
    finish(&mut session, "a");
    session.checkpoint();
    (0..125).for_each(|index| _ = finish(&mut session, &format!("step-{index}")));

    session.acknowledge("token-1", vec![at(recorded_step("a", OperationStatus::Succeeded), 7, 7)]);

    assert_eq!(session.deliver_all(), [], "more may be recorded in the same unit of time");
    assert_eq!(session.outputs_at(NOW).checkpoint.unwrap().updates.len(), 250);
    session.acknowledge("token-2", Vec::new());
    assert_eq!(session.deliver_all().len(), 126);
}

#[test]
fn an_answer_in_pages_moves_nothing_before_its_last_page() {
    let mut session = Session::new(Vec::new());
    let pause = session.live("pause", wait());
    session.0.poll(pause);
    session.checkpoint();
    let page = |next_marker: Option<&str>| {
        CheckpointUpdatedExecutionState::new(Vec::new(), next_marker.map(Into::into))
    };
    let mut response = CheckpointResponse::new(Some("token-1".into()));
    response.new_execution_state = page(Some("marker-1"));
    session.0.handle_checkpointed(response, NOW);

    let request = session.outputs_at(NOW).page.unwrap();
    assert_eq!((request.marker.as_deref(), request.checkpoint_token.as_str()), (Some("marker-1"), "token-1"));
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Wait);
    session.0.handle_state(GetStateResponse::new(
        vec![recorded_wait("pause", OperationStatus::Succeeded)],
        Some(String::new()),
    ));

    assert_eq!(session.deliver_all(), [pause]);
    assert_eq!(session.0.poll(pause), Progress::Settled(Settled::Succeeded(None)));
}

#[test]
fn operations_that_this_invocation_does_not_drive_are_ignored_in_answers() {
    let mut session = Session::new(Vec::new());
    let a = finish(&mut session, "a");
    session.checkpoint();

    session.acknowledge("token-1", vec![recorded_step("stranger", OperationStatus::Succeeded)]);

    assert_eq!(session.deliver_all(), [a]);
    assert_eq!(session.0.poll(a), Progress::Settled(Settled::Succeeded(None)));
}

#[test]
fn a_withheld_token_ends_the_invocation_as_pending_even_if_the_handler_has_ended() {
    let mut session = Session::new(Vec::new());
    finish(&mut session, "a");
    session.checkpoint();
    session.0.handle_handler_finished(Ok("1".into()));

    session.0.handle_checkpointed(CheckpointResponse::default(), NOW);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Answer(InvocationOutput::Pending));
    assert!(session.outputs_at(NOW).checkpoint.is_none());
}

#[test]
fn the_queue_is_flushed_before_the_answer() {
    let mut session = Session::new(Vec::new());
    session.live("unawaited", step());

    session.0.handle_handler_finished(Ok("1".into()));

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Wait);
    assert_eq!(
        session.outputs_at(NOW).checkpoint.map(|request| labels(&request)).unwrap(),
        ["START unawaited"]
    );
    session.acknowledge("token-1", Vec::new());
    let answer = InvocationOutput::Succeeded { result: Some("1".into()) };
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Answer(answer));
}

#[test]
fn an_operation_dropped_while_its_update_is_under_way_leaves_the_others_alone() {
    let mut session = Session::new(Vec::new());
    let a = finish(&mut session, "a");
    session.checkpoint();
    session.0.release(a);
    // Its key is used again before its update is acknowledged.
    let b = session.live("b", step());
    assert_eq!(session.0.poll(b), Progress::Run { attempt: 1, carried: None });

    session.acknowledge("token-1", vec![recorded_step("a", OperationStatus::Succeeded)]);

    assert_eq!(session.0.poll(b), Progress::Pending, "its own body still runs");
}
