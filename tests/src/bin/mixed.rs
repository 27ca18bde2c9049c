//! Two functions of operations of every kind, which log what runs and what it comes to, to be killed at any moment.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use durable::prelude::*;
use serde::{Deserialize, Serialize};

/// An execution of either function.
#[derive(Clone, Deserialize, Serialize)]
struct Job {
    /// Names it in the log.
    id: String,
    /// A folder of the test: `log` gets a line for what runs and what is seen, `callbacks` a file for each callback,
    /// `locks` one for each execution, which is locked as long as the handler runs.
    folder: PathBuf,
    /// What it does, one after the other.
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Steps,
    Retries,
    Wait,
    Children,
    Map,
    Callback,
    Call,
    Once,
    OncePerRetry,
    Timeout,
    Heartbeat,
    Large,
}

/// Bytes of a large result.
const LARGE: usize = 200_000;

/// Milliseconds that a body takes at most.
const QUICK: u64 = 60;

/// The same for bodies that run once, so that some of them are interrupted.
const SLOW: u64 = 200;

/// What a step comes to. Its nonce is another one each time that its body runs.
#[derive(Deserialize, Serialize)]
struct Note {
    value: u64,
    nonce: u64,
}

impl Job {
    /// Locks the execution until the handler or its process ends. Whoever finds it locked is one too many.
    fn claim(&self) -> std::io::Result<File> {
        let lock = File::create(self.folder.join("locks").join(&self.id))?;
        if lock.try_lock().is_err() {
            self.log("twice", "-", 0, 0)?;
        }
        Ok(lock)
    }

    /// Adds a line to the log, whole or not at all.
    fn log(&self, kind: &str, step: &str, attempt: u32, nonce: u64) -> std::io::Result<()> {
        let mut log = OpenOptions::new().create(true).append(true).open(self.folder.join("log"))?;
        log.write_all(format!("{kind} {} {step} {attempt} {nonce}\n", self.id).as_bytes())
    }

    /// The body of a step, which takes a moment in which it can be killed.
    async fn body(&self, step: &str, attempt: u32, value: u64, longest: u64) -> Result<Note> {
        let nonce = fastrand::u64(..);
        self.log("ran", step, attempt, nonce)?;
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..longest))).await;
        Ok(Note { value, nonce })
    }

    /// What the handler gets from a step was acknowledged.
    fn seen(&self, step: &str, note: &Note) -> Result<u64> {
        self.log("seen", step, 0, note.nonce)?;
        Ok(note.value)
    }

    async fn step(&self, ctx: &DurableContext, step: &str, value: u64) -> Result<u64> {
        let note = ctx.step(step, async |it| self.body(step, it.attempt(), value, QUICK).await).await?;
        self.seen(step, &note)
    }

    /// A number that tells that the part did what it should, or none if it was interrupted and must not run again.
    async fn run(&self, ctx: &DurableContext, part: Part, name: &str) -> Result<Option<u64>> {
        Ok(Some(match part {
            Part::Steps => {
                let mut sum = 0;
                for number in 1..=4 {
                    sum += self.step(ctx, &format!("{name}-step{number}"), number).await?;
                }
                sum
            }
            Part::Retries => self.retries(ctx, &format!("{name}-retries")).await?,
            Part::Wait => {
                let before = self.step(ctx, &format!("{name}-before"), 20).await?;
                ctx.wait(format!("{name}-wait"), Duration::from_secs(1)).await?;
                before + self.step(ctx, &format!("{name}-after"), 3).await?
            }
            Part::Children => self.children(ctx, name).await?,
            Part::Map => self.map(ctx, name).await?,
            Part::Callback => {
                let file = self.folder.join("callbacks").join(format!("{}.{name}", self.id));
                let answer: u64 = ctx
                    .wait_for_callback(format!("{name}-callback"), async |id: String, _| {
                        // Renamed, so that the test never reads half of it.
                        std::fs::write(file.with_extension("new"), id)?;
                        Ok(std::fs::rename(file.with_extension("new"), &file)?)
                    })
                    .await?;
                self.log("seen", &format!("{name}-callback"), 0, answer)?;
                answer
            }
            Part::Call => {
                let id = format!("{}.{name}", self.id);
                let job = Job { id, folder: self.folder.clone(), parts: vec![Part::Wait] };
                let called: Vec<Option<u64>> =
                    ctx.invoke(format!("{name}-call"), "called:$LATEST", &job).await?;
                called.into_iter().flatten().sum()
            }
            Part::Once => return self.once(ctx, &format!("{name}-once"), RetryStrategy::none()).await,
            Part::OncePerRetry => {
                let retry = RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(20).into();
                return self.once(ctx, &format!("{name}-once-per-retry"), retry).await;
            }
            Part::Timeout => {
                let silent = ctx.wait_for_callback(format!("{name}-timeout"), nobody_told);
                overdue(silent.timeout(Duration::from_secs(1)).await)?
            }
            Part::Heartbeat => {
                let silent = ctx.wait_for_callback(format!("{name}-heartbeat"), nobody_told);
                overdue(silent.heartbeat_timeout(Duration::from_secs(1)).await)?
            }
            Part::Large => {
                let text: String = ctx.step(format!("{name}-large"), async |_| Ok("x".repeat(LARGE))).await?;
                u64::try_from(text.len())?
            }
        }))
    }

    /// Fails twice before it succeeds.
    async fn retries(&self, ctx: &DurableContext, step: &str) -> Result<u64> {
        let note = ctx
            .step(step, async |it| match it.attempt() {
                1 | 2 => Err(Error::msg("try again")),
                attempt => self.body(step, attempt, attempt.into(), QUICK).await,
            })
            .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(4))
            .await?;
        self.seen(step, &note)
    }

    async fn children(&self, ctx: &DurableContext, name: &str) -> Result<u64> {
        let sum = ctx
            .run_in_child_context(format!("{name}-outer"), async |ctx| {
                let outer = self.step(&ctx, &format!("{name}-outer-step"), 100).await?;
                let inner: u64 = ctx
                    .run_in_child_context("inner", async |ctx| {
                        self.step(&ctx, &format!("{name}-inner-step"), 10).await
                    })
                    .await?;
                Ok(outer + inner)
            })
            .await?;
        Ok(sum)
    }

    async fn map(&self, ctx: &DurableContext, name: &str) -> Result<u64> {
        let items = ctx
            .map(format!("{name}-map"), 1..=6_u64, async |ctx, item, _| {
                self.step(&ctx, &format!("{name}-item{item}"), item).await
            })
            .max_concurrency(3)
            .await?;
        Ok(items.into_result()?.into_iter().sum())
    }

    async fn once(&self, ctx: &DurableContext, step: &str, retry: RetryStrategy) -> Result<Option<u64>> {
        let note = ctx
            .step(step, async |it| self.body(step, it.attempt(), 7, SLOW).await)
            .semantics(StepSemantics::AtMostOncePerRetry)
            .retry(retry)
            .await;
        match note {
            Ok(note) => Ok(Some(self.seen(step, &note)?)),
            Err(error) if error.is_interrupted() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

async fn nobody_told(_: String, _: StepContext) -> Result<()> {
    Ok(())
}

/// What a callback comes to that nobody answers.
fn overdue(answer: Result<u64>) -> Result<u64> {
    match answer {
        Err(error) if error.is_heartbeat_timeout() => Ok(2),
        Err(error) if error.is_timeout() => Ok(1),
        other => other,
    }
}

#[durable::handler]
async fn mixed(job: Job, ctx: DurableContext) -> Result<Vec<Option<u64>>> {
    let _lock = job.claim()?;
    let mut results = Vec::new();
    for (index, part) in job.parts.iter().enumerate() {
        results.push(job.run(&ctx, *part, &format!("p{index}")).await?);
    }
    Ok(results)
}

#[tokio::main]
async fn main() -> Result<()> {
    durable::run(mixed).await
}
