//! Maps whose items wait for other systems.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::{CallbackAnswer, TestRunner};
use durable_types::{ErrorObject, ExecutionStatus};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

async fn ask_all(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let answers = ctx.map("ask", NAMES, async |ctx, name, _| {
        let answer: String = ctx.wait_for_callback(name, async |_, _| Ok(())).await?;
        ctx.step("note", async |_| Ok(format!("{name} {answer}"))).await
    });
    Ok(answers.tolerated_failure_count(4).await?.into_values().collect())
}

/// Every order of four.
fn orders() -> impl Iterator<Item = Vec<&'static str>> {
    (0..24_usize).map(|number| {
        let mut left = NAMES.to_vec();
        [number / 6, number / 2 % 3, number % 2, 0].map(|place| left.remove(place)).to_vec()
    })
}

#[tokio::test]
async fn the_last_answer_ends_a_map_at_once_whatever_the_order_of_the_answers() {
    let runner = TestRunner::new(ask_all);
    for order in orders() {
        let mut execution = runner.start(&()).unwrap();
        for name in &order {
            execution.run_for(Duration::ZERO).await.unwrap();
            let id = execution.callback_id(name).unwrap();
            let answer = CallbackAnswer::Succeeded(Some("\"answered\"".into()));
            execution.answer_callback(&id, answer).unwrap();
        }

        let execution = execution.finish().await.unwrap();

        let expected = NAMES.map(|name| format!("{name} answered"));
        assert_eq!(execution.result::<Vec<String>>().unwrap(), expected, "{order:?}");
        assert_eq!(execution.elapsed(), Duration::ZERO, "{order:?}");
    }
}

#[tokio::test]
async fn answers_that_come_together_are_all_taken_in_one_invocation() {
    let runner = TestRunner::new(ask_all);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::ZERO).await.unwrap();

    for name in NAMES {
        let id = execution.callback_id(name).unwrap();
        let answer = match name {
            "b" => CallbackAnswer::Failed(Some(ErrorObject::new("Rejected", "no"))),
            _ => CallbackAnswer::Succeeded(Some("\"answered\"".into())),
        };
        execution.answer_callback(&id, answer).unwrap();
    }

    let execution = execution.finish().await.unwrap();
    assert_eq!(execution.status(), &ExecutionStatus::Succeeded);
    assert_eq!(execution.result::<Vec<String>>().unwrap(), ["a answered", "c answered", "d answered"]);
    assert_eq!(execution.invocations(), 2);
}
