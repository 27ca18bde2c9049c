//! Items of flat maps and parallels, whose contexts are not recorded.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::{CallbackAnswer, TestRunner};

const SECOND: Duration = Duration::from_secs(1);

/// Everything that is a context of its own or that has one, in each of two flat items.
async fn everything(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let items = ctx
        .map("items", ["a", "b"], async |ctx, item, _| {
            let child = ctx.run_in_child_context("child", async |ctx| {
                ctx.step("work", async |_| Ok(format!("{item} child"))).await
            });
            let mut results = vec![child.await?];
            let inner = ctx.map("inner", 0..2, async |ctx, inner: u32, _| {
                ctx.wait("pause", SECOND).await?;
                Ok(format!("{item} {inner}"))
            });
            results.extend(inner.await?.into_result()?);
            let flat = ctx.map("flat", 0..2, async |ctx, inner: u32, _| {
                ctx.step("work", async |_| Ok(format!("{item} flat {inner}"))).await
            });
            results.extend(flat.flat().await?.into_result()?);
            let answer: String = ctx.wait_for_callback(item, async |_, _| Ok(())).await?;
            results.push(answer);
            Ok(results.join(", "))
        })
        .item_names(|item, index| format!("{item}{index}"))
        .flat()
        .await?;
    let names = items.iter().filter_map(|item| item.name.clone()).collect::<Vec<_>>().join(" ");
    ctx.wait("pause", SECOND).await?;
    let mut results = items.into_result()?;
    results.push(names);
    Ok(results)
}

#[tokio::test]
async fn everything_inside_a_flat_item_has_a_parent_that_is_recorded() {
    let runner = TestRunner::new(everything);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(2 * SECOND).await.unwrap();
    for name in ["b", "a"] {
        let id = execution.callback_id(name).unwrap();
        let answer = CallbackAnswer::Succeeded(Some(format!("\"{name} answered\"")));
        execution.answer_callback(&id, answer).unwrap();
        execution.run_for(SECOND).await.unwrap();
    }

    // The service refuses an operation whose parent is not a context that it knows.
    let execution = execution.finish().await.unwrap();

    assert_eq!(
        execution.result::<Vec<String>>().unwrap(),
        [
            "a child, a 0, a 1, a flat 0, a flat 1, a answered",
            "b child, b 0, b 1, b flat 0, b flat 1, b answered",
            "a0 b1"
        ]
    );
    let items = execution.operation("items").unwrap().id.clone();
    for name in ["child", "inner", "flat", "a", "b"] {
        let parent = execution.operation(name).unwrap().parent_id.clone();
        assert_eq!(parent.as_deref(), Some(items.as_str()), "{name}");
    }
}
