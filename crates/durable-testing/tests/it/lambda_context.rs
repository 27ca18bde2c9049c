//! What a handler learns about the invocation it runs in.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;

async fn remaining(_: (), ctx: DurableContext) -> Result<Vec<(u64, u64)>> {
    let mut times = Vec::new();
    for sleep in [60, 30] {
        let before = ctx.remaining_time();
        let after = ctx.step("sleep", async |_| {
            tokio::time::sleep(Duration::from_secs(sleep)).await;
            Ok(ctx.remaining_time().as_secs())
        });
        let after = after.await?;
        let recorded = ctx.step("record", async |_| Ok((before.as_secs(), after))).await?;
        times.push(recorded);
        ctx.wait("a day", Duration::from_hours(24)).await?;
    }
    Ok(times)
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_each_invocation_is_on_the_virtual_clock() {
    let execution = TestRunner::new(remaining).run(&()).await.unwrap();

    // The second time is that of another invocation, a day later.
    assert_eq!(execution.result::<Vec<(u64, u64)>>().unwrap(), [(900, 840), (900, 870)]);
}

#[tokio::test(start_paused = true)]
async fn each_invocation_has_a_request_id_of_its_own_and_the_version_stays() {
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String, Option<String>)> {
        let request_id = || ctx.lambda_context().request_id.clone();
        let first = ctx.step("first", async |_| Ok(request_id())).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        let second = ctx.step("second", async |_| Ok(request_id())).await?;
        Ok((first, second, ctx.lambda_context().function_version.clone()))
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let (first, second, version) = execution.result::<(String, String, Option<String>)>().unwrap();
    assert_ne!(first, second);
    assert_eq!(version.as_deref(), Some("$LATEST"));
}

async fn name(_: (), ctx: DurableContext) -> Result<Option<String>> {
    Ok(ctx.lambda_context().function_name.clone())
}

#[tokio::test(start_paused = true)]
async fn a_called_function_learns_its_own_name() {
    let caller = async |_: (), ctx: DurableContext| -> Result<(Option<String>, Option<String>)> {
        let called = ctx.invoke("call", "other:1", &()).await?;
        Ok((name((), ctx).await?, called))
    };

    let execution = TestRunner::new(caller).function("other", name).run(&()).await.unwrap();

    let names = execution.result::<(Option<String>, Option<String>)>().unwrap();
    assert_eq!(names, (Some("test".to_owned()), Some("other".to_owned())));
}
