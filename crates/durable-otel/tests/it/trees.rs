//! What holds for the trace of any execution.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use durable_core::operation::Operation as _;
use durable_core::{DurableContext, Error, Result};
use durable_otel::View;
use durable_testing::TestRunner;
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;
use proptest::prelude::*;

use crate::exported::Exported;

/// A program: a list of operations, some of which contain others.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Step { fails: u32 },
    Wait(u64),
    Context(Vec<Node>),
    Spawned(u64),
    Map(Vec<Node>),
}

pub(crate) fn programs() -> impl Strategy<Value = Vec<Node>> {
    let leaf = prop_oneof![
        (0_u32..3).prop_map(|fails| Node::Step { fails }),
        (1_u64..100).prop_map(Node::Wait),
        (1_u64..100).prop_map(Node::Spawned),
    ];
    let node = leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner, 0..3);
        prop_oneof![list.clone().prop_map(Node::Context), list.prop_map(Node::Map)]
    });
    prop::collection::vec(node, 0..5)
}

pub(crate) fn run(
    program: &[Node],
    ctx: DurableContext,
) -> std::pin::Pin<Box<dyn Future<Output = Result<u32>> + Send + '_>> {
    Box::pin(async move {
        let mut spawned = Vec::new();
        for (index, node) in program.iter().enumerate() {
            let name = format!("node-{index}");
            match node {
                Node::Step { fails } => {
                    let step = ctx.step(name, async |step| match step.attempt() <= *fails {
                        true => Err(Error::msg("busy")),
                        false => Ok(()),
                    });
                    step.await?;
                }
                Node::Wait(seconds) => ctx.wait(name, Duration::from_secs(*seconds)).await?,
                Node::Spawned(seconds) => spawned.push(ctx.wait(name, Duration::from_secs(*seconds)).spawn()),
                Node::Context(inner) => {
                    ctx.run_in_child_context(name, async |ctx| run(inner, ctx).await).await?;
                }
                Node::Map(items) => {
                    let map =
                        ctx.map(name, items, async |ctx, item, _| run(std::slice::from_ref(item), ctx).await);
                    map.await?;
                }
            }
        }
        for wait in spawned {
            wait.await?;
        }
        Ok(7)
    })
}

fn trace(program: &[Node], view: View) -> Vec<SpanData> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let exported = Exported::default();
    let handler = async |_: (), ctx: DurableContext| run(program, ctx).await;
    let otel = exported.otel(|otel| otel.view(view));
    let execution = runtime.block_on(TestRunner::new(handler).plugins(otel.plugins()).run(&())).unwrap();
    assert_eq!(execution.result::<u32>().unwrap(), 7);
    let recorded = execution.operations().count() - 1;
    let spans = exported.spans();
    let of_operations = spans.iter().filter(|span| ends_operation(span)).count();
    assert_eq!(of_operations, recorded, "each operation ends once");
    spans
}

fn ends_operation(span: &SpanData) -> bool {
    let status =
        span.attributes.iter().find(|attribute| attribute.key.as_str() == "durable.operation.status");
    status.is_some_and(|status| status.value.as_str() != "STARTED")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_execution_is_one_tree_in_which_each_operation_ends_once(program in programs()) {
        for view in [View::Invocation, View::Execution] {
            let spans = trace(&program, view);

            let ids: HashSet<SpanId> = spans.iter().map(|span| span.span_context.span_id()).collect();
            prop_assert_eq!(ids.len(), spans.len(), "span ids are unique");
            let traces: HashSet<_> = spans.iter().map(|span| span.span_context.trace_id()).collect();
            prop_assert_eq!(traces.len(), 1);
            let by_id: HashMap<SpanId, &SpanData> =
                spans.iter().map(|span| (span.span_context.span_id(), span)).collect();
            for span in &spans {
                prop_assert!(span.start_time <= span.end_time);
                match by_id.get(&span.parent_span_id) {
                    None => prop_assert_eq!(span.name.as_ref(), "DurableExecutionRoot"),
                    Some(parent) if view == View::Invocation && parent.name != "DurableExecutionRoot" => {
                        prop_assert!(parent.start_time <= span.start_time && span.end_time <= parent.end_time);
                    }
                    Some(_) => {}
                }
                for link in span.links.iter() {
                    prop_assert!(ids.contains(&link.span_context.span_id()), "a link leads nowhere");
                }
            }
        }
    }
}
