//! Timelines of real handlers: what each operation is called, and how the text reads.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use durable_core::operation::{Operation, UNNAMED};
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result, race, try_join};
use durable_testing::durable_timeline::{Kind, Timeline, WaitingFor};
use durable_testing::{CallbackAnswer, TestRunner};
use durable_types::ErrorObject;

const SECOND: Duration = Duration::from_secs(1);

/// Returns the labels and kinds of all operations, parents before their children.
fn labels(timeline: &Timeline) -> Vec<(String, Kind)> {
    timeline.walk().map(|(_, operation)| (operation.label().to_string(), operation.kind)).collect()
}

fn as_strs(labels: &[(String, Kind)]) -> Vec<(&str, Kind)> {
    labels.iter().map(|(label, kind)| (label.as_str(), *kind)).collect()
}

async fn travel(_: (), ctx: DurableContext) -> Result<()> {
    let trip = ctx.saga("trip", async |ctx, saga| {
        let hotel = saga.step("hotel", async |_| Ok(7)).compensate(async |_, _| Ok(()));
        hotel.await?;
        ctx.wait("think", SECOND).await?;
        let pay = ctx.step("pay", async |_| Err::<(), _>(Error::msg("no money")));
        pay.retry(RetryStrategy::none()).await
    });
    trip.await
}

#[tokio::test]
async fn a_saga_contains_its_compensations() {
    let execution = TestRunner::new(travel).run(&()).await.unwrap();

    let labels = labels(&execution.timeline());
    assert_eq!(
        as_strs(&labels),
        [
            ("saga trip", Kind::Saga),
            ("step hotel", Kind::Step),
            ("wait think", Kind::Wait),
            ("step pay", Kind::Step),
            ("compensation undo-hotel", Kind::Compensation),
        ]
    );
    insta::assert_snapshot!(execution.timeline());
}

async fn decide(_: (), ctx: DurableContext) -> Result<()> {
    ctx.patched("new-tax");
    let _ = ctx.now("start");
    let slow = async {
        ctx.wait("slow", SECOND * 60).await?;
        Ok(())
    };
    let fast = async { ctx.step("fast", async |_| Ok(())).await };
    race!(ctx, "fastest", slow, fast).await?;
    let fine = async { ctx.step("fine", async |_| Ok(())).await };
    let broken = ctx.step("broken", async |_| Err::<(), _>(Error::msg("broken")));
    let broken = async { broken.retry(RetryStrategy::none()).await };
    let _ = try_join!(ctx, "both", fine, broken).await;
    Ok(())
}

#[tokio::test]
async fn markers_and_decisions_are_no_steps() {
    let execution = TestRunner::new(decide).run(&()).await.unwrap();

    let labels = labels(&execution.timeline());
    let markers: Vec<_> = as_strs(&labels).into_iter().filter(|(_, kind)| *kind != Kind::Step).collect();
    assert_eq!(
        markers,
        [
            ("patched new-tax", Kind::Patched),
            ("now start", Kind::Now),
            ("wait slow", Kind::Wait),
            ("race fastest", Kind::Race),
            ("try_join both", Kind::TryJoin),
        ]
    );
    insta::assert_snapshot!(execution.timeline());
}

async fn ship(_: (), ctx: DurableContext) -> Result<()> {
    let parcels = ctx.map("ship", ["a", "b"], async |ctx, item, _| {
        ctx.step("label", async |_| Ok(())).await?;
        ctx.wait("pick-up", if item == "a" { SECOND } else { SECOND * 60 }).await?;
        Ok(())
    });
    parcels.item_names(|item, _| format!("parcel-{item}")).await?;
    let unnamed = ctx.map(UNNAMED, 0..2, async |ctx, _, _| ctx.step(UNNAMED, async |_| Ok(())).await);
    unnamed.await?;
    let flat = ctx.map("flat", 0..2, async |ctx, _, _| ctx.step("work", async |_| Ok(())).await);
    flat.flat().await?;
    let mut branches = ctx.open_parallel("branches");
    let one = branches.branch("one", async |ctx| ctx.step("work", async |_| Ok(())).await);
    branches.close().await?;
    one.await?;
    Ok(())
}

#[tokio::test]
async fn batches_show_their_progress_and_the_names_or_indexes_of_their_items() {
    let runner = TestRunner::new(ship);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(SECOND * 2).await.unwrap();

    let running = execution.timeline();
    let ended = execution.finish().await.unwrap().timeline();

    insta::assert_snapshot!(running);
    insta::assert_snapshot!(ended);
}

async fn wait_for_others(_: (), ctx: DurableContext) -> Result<()> {
    ctx.wait_for_condition("ready", 0, async |checks: u32, _| {
        Ok(if checks == 2 { Break(()) } else { Continue(checks + 1) })
    })
    .strategy(|_: &u32, _| Some(SECOND * 10))
    .await?;
    let stock = ctx.invoke("stock", "stock:$LATEST", &()).ignore_result().spawn();
    let mut attempts = ctx.step("notify", async |step| match step.attempt() {
        1 => Err(Error::msg("offline")),
        _ => Ok(()),
    });
    attempts = attempts.retry(RetryStrategy::fixed(SECOND * 5));
    attempts.await?;
    stock.await?;
    ctx.wait_for_callback::<bool, _, _>("approval", async |_, _| Ok(())).timeout(SECOND * 60).await?;
    Ok(())
}

#[tokio::test]
async fn a_wait_for_a_callback_contains_its_submitter_and_callback() {
    let runner = TestRunner::new(wait_for_others).plain_function("stock", async |_: ()| Ok::<_, Error>(()));
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(SECOND * 30).await.unwrap();

    let open = execution.timeline();
    let id = execution.open_callbacks()[0].id.clone();
    execution.answer_callback(&id, CallbackAnswer::Succeeded(Some("true".to_owned()))).unwrap();
    let ended = execution.finish().await.unwrap().timeline();

    let waits = open.waits();
    let [(callback, waiting_for)] = &waits.operations[..] else { panic!("{open}") };
    assert_eq!(callback.kind, Kind::Callback);
    assert!(matches!(waiting_for, WaitingFor::Callback { callback_id: Some(it), .. } if *it == id));
    let kinds: Vec<_> = ended.operations().map(|operation| operation.kind).collect();
    let inside = [Kind::WaitForCallback, Kind::Callback, Kind::Submitter];
    assert_eq!(kinds, [&[Kind::Condition, Kind::Invoke, Kind::Step], &inside[..]].concat());
    insta::assert_snapshot!(ended);
}

async fn insist(_: (), ctx: DurableContext) -> Result<()> {
    let block = ctx.with_retry("price", async |ctx, attempt| {
        ctx.step("ask", async |_| if attempt == 1 { Err(Error::msg("busy")) } else { Ok(()) })
            .retry(RetryStrategy::none())
            .await
    });
    block.retry(RetryStrategy::fixed(SECOND * 3)).await?;
    ctx.run_in_child_context("parcels", async |ctx| Ok(ctx.wait("pick-up", SECOND).await?)).await
}

#[tokio::test]
async fn a_retried_block_contains_its_backoffs() {
    let execution = TestRunner::new(insist).run(&()).await.unwrap();

    let labels = labels(&execution.timeline());
    assert_eq!(
        as_strs(&labels),
        [
            ("retry price", Kind::Retry),
            ("step ask", Kind::Step),
            ("backoff price-backoff-1", Kind::Backoff),
            ("step ask", Kind::Step),
            ("context parcels", Kind::Context),
            ("wait pick-up", Kind::Wait),
        ]
    );
    insta::assert_snapshot!(execution.timeline());
}

async fn many_steps(_: (), ctx: DurableContext) -> Result<()> {
    ctx.suspend_before_deadline(Duration::from_millis(300));
    for _ in 0..10 {
        ctx.step("quick", async |_| {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_suspension_before_the_deadline_is_omitted_from_the_text() {
    let execution = TestRunner::new(many_steps).function_timeout(SECOND).run(&()).await.unwrap();

    let timeline = execution.timeline();
    assert!(timeline.operations().any(|operation| operation.kind == Kind::Suspension));
    let text = timeline.to_string();
    assert_eq!(text.matches("✓ step quick").count(), 10);
    assert!(!text.contains("suspension"), "{text}");
}

#[tokio::test]
async fn a_failed_invocation_is_part_of_the_timeline() {
    let handler = async |_: (), ctx: DurableContext| {
        ctx.step("charge", async |_| Ok(())).await?;
        ctx.wait("settle", SECOND).await
    };
    let crash = durable_testing::Fault::LostResponse;

    let execution = TestRunner::new(handler).fault(1, crash).run(&()).await.unwrap();

    let timeline = execution.timeline();
    let failed: Vec<_> =
        timeline.invocations().iter().filter(|it| it.is_failed).map(|it| it.number).collect();
    assert_eq!(failed, [1]);
    assert!(timeline.invocations()[0].error.as_deref() != Some(&ErrorObject::default()));
    assert!(timeline.to_string().contains("! invocation 1 failed"), "{timeline}");
}
