//! Races and joins that are decided once, whatever happens on the way.

use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Result, join, race, try_join};
use durable_testing::{CallbackAnswer, Fault, TestExecution, TestRunner};
use durable_types::ErrorObject;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn error_type(execution: &TestExecution) -> Option<&str> {
    execution.error().and_then(|error| error.error_type.as_deref())
}

async fn step_against_wait(_: (), ctx: DurableContext) -> Result<String> {
    let first = race!(
        ctx,
        "first",
        async {
            ctx.wait("hour", seconds(3_600)).await?;
            Ok("wait")
        },
        async {
            ctx.step("quick", async |_| Ok(())).await?;
            Ok("step")
        },
    );
    Ok(first.await?.to_owned())
}

#[tokio::test]
async fn the_loser_of_a_race_does_not_delay_the_winner() {
    let execution = TestRunner::new(step_against_wait).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "step");
    assert_eq!(execution.elapsed(), Duration::ZERO);
    assert_eq!(execution.operation("first").unwrap().step_details().unwrap().result.as_deref(), Some("1"));
}

async fn wait_against_callback(_: (), ctx: DurableContext) -> Result<String> {
    let answer = ctx.create_callback::<String>("answer").await?;
    let first = race!(ctx, "first", async { Ok(format!("answered {}", answer.await?)) }, async {
        ctx.wait("deadline", seconds(10)).await?;
        Ok("overdue".to_owned())
    },);
    let first = first.await?;
    ctx.wait("later", seconds(3_600)).await?;
    Ok(first)
}

#[tokio::test]
async fn a_race_that_is_won_stays_won_when_the_loser_ends_later() {
    let runner = TestRunner::new(wait_against_callback);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(seconds(60)).await.unwrap();

    let id = execution.callback_id("answer").unwrap();
    execution.answer_callback(&id, CallbackAnswer::Succeeded(Some("\"yes\"".into()))).unwrap();
    let execution = execution.finish().await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "overdue");
}

/// Two waits that end at the same moment, and a step that tells which one was first.
async fn tied(is_swapped: bool, ctx: DurableContext) -> Result<usize> {
    let [a, b] = if is_swapped { ["b", "a"] } else { ["a", "b"] };
    let chain = async |name: &'static str, place: usize| {
        ctx.wait(name, seconds(60)).await?;
        Ok(place)
    };
    let first = race!(ctx, "first", chain(a, 0), chain(b, 1)).await?;
    let recorded = ctx.step(format!("winner-{first}"), async |_| Ok(first)).await?;
    ctx.wait("later", seconds(60)).await?;
    let recorded_again = ctx.step(format!("still-{first}"), async |_| Ok(first)).await?;
    assert_eq!(recorded, recorded_again);
    Ok(recorded)
}

#[tokio::test]
async fn a_tie_is_won_by_the_same_wait_whatever_its_place_and_on_replay() {
    let mut winners = Vec::new();
    for is_swapped in [false, true] {
        let execution = TestRunner::new(tied).run(&is_swapped).await.unwrap();

        winners.push(execution.result::<usize>().unwrap());
        assert_eq!(execution.invocations(), 3);
    }
    assert_eq!(winners.iter().sum::<usize>(), 1, "the places are swapped, not the waits");
}

/// The second is first, and the first ends while the code goes on.
async fn overtaken(_: (), ctx: DurableContext) -> Result<(usize, usize)> {
    let chain = async |name: &'static str, pause: u64, place: usize| {
        ctx.wait(name, seconds(pause)).await?;
        Ok(place)
    };
    let first = race!(ctx, "first", chain("slow", 60, 0), chain("quick", 30, 1)).await?;
    let recorded = ctx.step(format!("winner-{first}"), async |_| Ok(first)).await?;
    ctx.wait("later", seconds(60)).await?;
    Ok((recorded, first))
}

#[tokio::test]
async fn a_race_is_decided_once_whatever_message_gets_lost() {
    let requests = TestRunner::new(overtaken).run(&()).await.unwrap().checkpoints();
    for fault in
        [Fault::LostRequest, Fault::LostResponse, Fault::WithheldToken, Fault::TimedOut, Fault::LostAnswer]
    {
        for request in 1..=requests {
            let execution = TestRunner::new(overtaken).fault(request, fault).run(&()).await.unwrap();

            assert_eq!(
                execution.result::<(usize, usize)>().unwrap(),
                (1, 1),
                "{fault:?} at request {request}"
            );
        }
    }
}

async fn two_failures(_: (), ctx: DurableContext) -> Result<String> {
    let fail = async |name: &'static str, after: u64| {
        ctx.wait(name, seconds(after)).await?;
        let failed =
            ctx.step(format!("fail-{name}"), async |_| Err::<u32, _>(durable_core::Error::msg(name)));
        failed.retry(RetryStrategy::none()).await
    };
    let both = try_join!(ctx, "both", fail("slow", 20), fail("quick", 10), ctx.wait("day", seconds(86_400)));
    let error = both.await.map(drop).unwrap_err();
    ctx.wait("later", seconds(60)).await?;
    Ok(error.to_string())
}

#[tokio::test]
async fn the_first_failure_ends_a_join_and_is_the_same_on_replay() {
    let execution = TestRunner::new(two_failures).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "step `fail-quick` failed: quick");
    assert_eq!(execution.elapsed(), seconds(70), "the others were dropped");
}

async fn both_succeed(_: (), ctx: DurableContext) -> Result<(u32, String, Vec<u32>)> {
    let numbers: Vec<_> =
        (0..3).map(|number| ctx.step(format!("n-{number}"), move |_| async move { Ok(number) })).collect();
    let (number, text) = try_join!(ctx, "both", ctx.step("number", async |_| Ok(7)), async {
        ctx.wait("pause", seconds(5)).await?;
        Ok("text".to_owned())
    })
    .await?;
    let numbers = ctx.try_join(UNNAMED, numbers).await?;
    Ok((number, text, numbers))
}

#[tokio::test]
async fn a_join_of_what_succeeds_gives_all_values_and_records_nothing_of_its_own() {
    let execution = TestRunner::new(both_succeed).run(&()).await.unwrap();

    assert_eq!(execution.result::<(u32, String, Vec<u32>)>().unwrap(), (7, "text".to_owned(), vec![0, 1, 2]));
    assert!(execution.operation("both").is_none());
}

async fn joined(_: (), ctx: DurableContext) -> Result<(u32, bool, Vec<u32>)> {
    let many: Vec<_> =
        (0..20).map(|number| ctx.step(format!("n-{number}"), move |_| async move { Ok(number) })).collect();
    let (one, failed, many) = join!(
        ctx.step("one", async |_| Ok(1)),
        ctx.step("none", async |_| Err::<(), _>(durable_core::Error::msg("no"))).retry(RetryStrategy::none()),
        durable_core::combinator::join(many),
    )
    .await;
    Ok((one?, failed.is_err(), many.into_iter().collect::<Result<_, _>>()?))
}

#[tokio::test]
async fn a_join_waits_for_all_of_different_types_in_one_checkpoint() {
    let execution = TestRunner::new(joined).run(&()).await.unwrap();

    let (one, failed, many) = execution.result::<(u32, bool, Vec<u32>)>().unwrap();
    assert_eq!((one, failed, many.len()), (1, true, 20));
    assert_eq!(execution.checkpoints(), 1);
}

#[tokio::test]
async fn a_race_that_cannot_be_recorded_fails_the_execution_by_name() {
    async fn long_name(_: (), ctx: DurableContext) -> Result<()> {
        let name = "x".repeat(300);
        race!(ctx, &name, ctx.wait("pause", seconds(1))).await
    }
    async fn nobody(_: (), ctx: DurableContext) -> Result<()> {
        let nobody: Vec<durable_core::operation::OperationFuture<'_, ()>> = Vec::new();
        ctx.race("nobody", nobody).await
    }

    let long = TestRunner::new(long_name).run(&()).await.unwrap();
    let empty = TestRunner::new(nobody).run(&()).await.unwrap();

    assert_eq!(error_type(&long), Some("ContextMisuseError"));
    assert_eq!(error_type(&empty), Some("ContextMisuseError"));
    let message = |execution: &TestExecution| {
        execution.error().and_then(|error: &ErrorObject| error.error_message.clone())
    };
    assert!(message(&empty).unwrap().contains("Race `nobody` has no futures"));
}

#[tokio::test]
async fn a_race_that_lost_its_winner_to_a_change_of_code_fails_the_execution() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static INVOCATIONS: AtomicU32 = AtomicU32::new(0);
    async fn changed(_: (), ctx: DurableContext) -> Result<()> {
        let day = ctx.wait("day", seconds(86_400));
        if INVOCATIONS.fetch_add(1, Ordering::SeqCst) < 2 {
            race!(ctx, "first", day, ctx.wait("minute", seconds(60))).await?;
        } else {
            race!(ctx, "first", day).await?;
        }
        ctx.wait("later", seconds(60)).await
    }

    let execution = TestRunner::new(changed).run(&()).await.unwrap();

    assert_eq!(error_type(&execution), Some("NonDeterministicExecutionError"));
}
