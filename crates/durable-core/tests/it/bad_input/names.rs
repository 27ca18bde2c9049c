//! Names that the service does not take.

use std::ops::ControlFlow::Break;
use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::{DurableContext, Result};

use super::told;
use crate::ledger::{Ledger, error, result};

/// One operation of each kind, and how its errors call it.
const KINDS: [(&str, &str); 13] = [
    ("step", "step"),
    ("wait", "wait"),
    ("child", "child context"),
    ("virtual", "child context"),
    ("retry", "retry block"),
    ("callback", "callback"),
    ("submitter", "callback"),
    ("call", "invoke"),
    ("condition", "condition"),
    ("map", "map"),
    ("flat", "map"),
    ("parallel", "parallel"),
    ("branch", "child context"),
];

async fn named((kind, name): (String, String), ctx: DurableContext) -> Result<(String, String)> {
    Ok(match kind.as_str() {
        "step" => told!(ctx.step(&name, async |_| Ok(1))),
        "wait" => told!(ctx.wait(&name, Duration::from_secs(1))),
        "child" => told!(ctx.run_in_child_context(&name, async |_| Ok(1))),
        "virtual" => told!(ctx.run_in_child_context(&name, async |_| Ok(1)).virtual_context()),
        "retry" => told!(ctx.with_retry(&name, async |_, _| Ok(1))),
        "callback" => told!(ctx.create_callback::<u32>(&name)),
        "submitter" => told!(ctx.wait_for_callback::<u32, _, _>(&name, async |_, _| Ok(()))),
        "call" => told!(ctx.invoke::<u32, _>(&name, "tax", &())),
        "condition" => told!(ctx.wait_for_condition(&name, (), async |(), _| Ok(Break(1)))),
        "map" => told!(ctx.map(&name, [1], async |_, item: u32, _| Ok(item))),
        "flat" => told!(ctx.map(&name, [1], async |_, item: u32, _| Ok(item)).flat()),
        "parallel" => told!(ctx.parallel(&name).branch(UNNAMED, async |_| Ok(1))),
        "branch" => {
            let branches = ctx.parallel(UNNAMED).branch(&name, async |_| Ok(1)).await?;
            told!(async { branches.into_result() })
        }
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn a_name_that_is_no_name_is_refused_by_operations_of_every_kind() {
    for (kind, called) in KINDS {
        for name in [String::new(), "n".repeat(257), "naïve".to_owned(), "two\nlines".to_owned()] {
            let ledger = Ledger::new(&(kind, &name));

            let told = result(ledger.invoke(&named).await.unwrap());

            let (error_type, text): (String, String) = serde_json::from_str(&told).unwrap();
            assert_eq!(error_type, "InvalidArgumentError", "{kind} {name:?}");
            assert!(text.starts_with(&format!("{called} `{name}` failed: its name")), "{kind}: {text}");
            let is_recorded = ledger.calls().concat().iter().any(|update| update.contains(&*name));
            assert!(name.is_empty() || !is_recorded, "{kind} {name:?}");
        }
    }
}

#[tokio::test]
async fn an_item_whose_name_is_no_name_fails_alone_and_does_not_run() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<Option<String>>> {
        let mut told = Vec::new();
        for is_flat in [false, true] {
            let map = ctx.map("map", ["a", "ü", "c"], async |ctx, item, _| {
                ctx.step("run", async |_| Ok(item.to_owned())).await
            });
            let map = map.item_names(|item, _| (*item).to_owned()).tolerated_failure_count(1);
            let map = if is_flat { map.flat().await? } else { map.await? };
            ctx.wait("pause", Duration::from_secs(1)).await?;
            assert!(map.errors().all(|error| error.error_type() == "InvalidArgumentError"));
            told.extend(map.into_iter().map(|item| item.result.and_then(Result::ok)));
        }
        Ok(told)
    };

    assert_eq!(result(ledger.run(&handler).await), r#"["a",null,"c","a",null,"c"]"#);
}

#[tokio::test]
async fn a_change_whose_name_is_no_name_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> { Ok(ctx.patched("")) };

    let (error_type, text) = error(ledger.invoke(&handler).await.unwrap());

    assert_eq!(error_type, "ContextMisuseError");
    assert!(text.contains("the change ``"), "{text}");
}
