//! Code that looks like what a handler must not do, where it may.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use durable::{DurableContext, Result, handler};

const SECOND: Duration = Duration::from_secs(1);

/// As in `tokio`: a macro of this name, which is not meant inside of a step.
macro_rules! select {
    ($($future:expr),+) => { ($($future.await,)+) };
}

struct Query;

impl Query {
    async fn fetch_one(&self, _pool: &Pool) -> std::io::Result<u32> {
        Ok(1)
    }

    async fn send(&self) -> std::io::Result<u32> {
        Ok(1)
    }
}

struct Pool;

fn read(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

/// The body of a step may do anything, wherever it stands.
#[handler]
async fn bodies(path: String, ctx: DurableContext) -> Result<()> {
    let counter = AtomicU32::new(0);
    let (pool, path) = (Pool, &path);
    ctx.step("inline", async |_| {
        let file = std::fs::read_to_string(path)?;
        std::thread::sleep(Duration::from_millis(1));
        for (id, _) in &HashMap::from([(1, 2)]) {
            counter.fetch_add(*id, Ordering::Relaxed);
        }
        select!(Query.send(), Query.fetch_one(&pool)).0?;
        Ok(file)
    })
    .await?;

    let named = async |_| Ok(std::fs::read_to_string(path)?);
    ctx.step("named", named).await?;
    ctx.step("cloned", named.clone()).await?;
    ctx.step("borrowed", &named).await?;
    let now = || SystemTime::now();
    ctx.step("called", async |_| Ok(now())).await?;
    let returned = |by| move |_| async move { Ok((by, SystemTime::now())) };
    ctx.step("returned", returned(1)).await?;
    ctx.step("block", {
        let path = path.clone();
        move |_| {
            let path = path.clone();
            async move { Ok(std::fs::metadata(path)?.len()) }
        }
    })
    .await?;
    ctx.step("other function", async |_| Ok(read(path)?)).await?;

    let _answer: bool = ctx.wait_for_callback("answer", async |_, _| Ok(std::fs::write(path, "")?)).await?;
    let check = async |(), _| Ok(std::ops::ControlFlow::Break(std::fs::exists(path)?));
    ctx.wait_for_condition("condition", (), check).await?;
    Ok(())
}

/// Compensations are steps.
#[handler]
async fn compensations(path: String, ctx: DurableContext) -> Result<()> {
    let path = &path;
    ctx.saga("trip", async |_, saga| {
        saga.step("book", async |_| Ok(std::fs::write(path, "")?))
            .compensate(async |(), _| Ok(std::fs::remove_file(path)?))
            .await?;
        saga.compensate("by hand", async |_| {
            std::fs::remove_file(path)?;
            Ok(())
        });
        saga.compensate_with("with a value", 1, async |_, _| Ok(std::fs::remove_file(path)?));
        Ok(())
    })
    .await?;
    let undo = async |_| Ok(std::fs::remove_file(path)?);
    ctx.saga("named", async |_, saga| {
        saga.compensate("by hand", &undo);
        Ok(())
    })
    .await?;
    Ok(())
}

/// Collections in no order, over which no operation is started, or which are put in an order before.
#[handler]
async fn collections(mut prices: HashMap<String, u32>, ctx: DurableContext) -> Result<u32> {
    let mut sum = 0;
    for price in prices.values() {
        sum += price;
    }
    sum += prices.iter().map(|(item, price)| price * item.len() as u32).sum::<u32>();
    let label = "label".to_owned();
    prices.insert(label, ctx.step("price", async |_| Ok(1)).await?);
    let known = prices.contains_key(ctx.execution_arn());

    let ordered: BTreeMap<_, _> = prices.iter().collect();
    for (item, price) in ordered {
        ctx.step(item.as_str(), async |_| Ok(*price)).await?;
    }
    let mut sorted: Vec<_> = prices.keys().collect();
    sorted.sort_unstable();
    for item in sorted {
        ctx.step(item.as_str(), async |_| Ok(known)).await?;
    }
    for item in prices.keys().collect::<std::collections::BTreeSet<_>>() {
        ctx.step(item.as_str(), async |_| Ok(known)).await?;
    }

    let seen: HashSet<u32> = HashSet::from([1, 2]);
    for order in [1_u32, 2, 3].iter().filter(|order| seen.contains(order)) {
        ctx.step("order", async |_| Ok(*order)).await?;
    }
    let seen = vec![3];
    for order in seen {
        ctx.step("order", async |_| Ok(order)).await?;
    }
    Ok(sum)
}

/// Functions and variables that have the names of others.
#[handler]
async fn names(_event: (), ctx: DurableContext) -> Result<usize> {
    mod store {
        pub(super) fn read() -> usize {
            1
        }
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    sender.send(store::read())?;
    let select = receiver.recv()?;
    let elapsed = |now: usize| now - select;
    ctx.wait("settle", Duration::from_secs(1)).await?;
    Ok(elapsed(2))
}

/// The contexts of bodies, some of which have the names of others, and what an outer context may be used for.
#[handler]
async fn contexts(items: Vec<u32>, ctx: DurableContext) -> Result<String> {
    let outer = ctx.clone();
    ctx.run_in_child_context("shadowed", async |ctx| ctx.wait("settle", SECOND).await).await?;
    ctx.run_in_child_context("shadowed inside", async |child| {
        let ctx = child.clone();
        ctx.wait("settle", SECOND).await?;
        let clones = [child.clone()];
        for ctx in &clones {
            ctx.wait("settle", SECOND).await?;
        }
        if let Some(ctx) = clones.first() {
            ctx.wait("settle", SECOND).await?;
        }
        let wait = async |ctx: &DurableContext| ctx.wait("settle", SECOND).await;
        wait(&child).await?;
        let steps = clones.iter().map(|ctx| ctx.step("step", async |_| Ok(1)));
        durable::join!(steps.collect::<Vec<_>>().remove(0)).await.0
    })
    .await?;
    ctx.run_in_child_context("changed", async |child| {
        let mut current = &outer;
        if current.execution_arn().is_empty() {
            return Ok(());
        }
        current = &child;
        current.wait("settle", SECOND).await
    })
    .await?;
    ctx.map("nested", items, async |ctx, item, _| {
        ctx.parallel("both").branch("left", async |ctx| ctx.step("label", async |_| Ok(item)).await).await?;
        ctx.step("log", async |_| Ok(ctx.execution_arn().len())).await
    })
    .await?;
    let length = ctx
        .step("reads", async |step| {
            let name = ctx.lambda_context().request_id.clone();
            let ctx = Some(step.attempt());
            Ok((outer.execution_arn().len(), name, ctx.map(|attempt| attempt + 1), outer.is_replaying()))
        })
        .await?;
    let checks = Checks;
    checks.step("no operation", || ctx.wait("settle", SECOND)).await?;
    Ok(length.0.to_string())
}

/// It has a method of the name of an operation.
struct Checks;

impl Checks {
    fn step<T>(&self, _name: &str, check: impl Fn() -> T) -> T {
        check()
    }
}

fn main() {
    let _ = (bodies, compensations, collections, names, contexts);
}
