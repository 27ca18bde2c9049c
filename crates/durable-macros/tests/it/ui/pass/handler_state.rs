//! Handlers with state.

#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, rust_2018_idioms)]

use std::borrow::Cow;
use std::sync::Arc;

use durable::{DurableContext, Result, handler};

/// A client.
#[derive(Debug)]
pub struct Db;

impl Db {
    fn name(&self) -> &str {
        "db"
    }
}

trait Mailer: Send + Sync {
    fn mail(&self) -> usize;
}

impl Mailer for Db {
    fn mail(&self) -> usize {
        self.name().len()
    }
}

/// Borrows its state.
#[handler]
pub async fn borrowed(event: String, ctx: DurableContext, db: &Db) -> Result<usize> {
    let length = ctx.step("length", async |_| Ok(event.len() + db.name().len())).await?;
    Ok(length)
}

#[handler]
async fn owned(_event: (), _ctx: DurableContext, db: Arc<Db>, (a, b): (u32, u32), mut n: usize) -> Result<usize> {
    n += db.name().len();
    Ok(n + usize::try_from(a + b)?)
}

#[handler(crate = ::durable)]
async fn generic<'a, M, const N: usize>(
    _event: (),
    _ctx: DurableContext,
    mailer: &'a M,
    name: Cow<'_, str>,
    _rest: &[u8; N],
) -> Result<usize>
where
    M: Mailer + ?Sized,
{
    Ok(mailer.mail() + name.len() + N)
}

#[handler]
async fn impl_trait(_event: (), ctx: DurableContext, mailer: &impl Mailer) -> Result<usize> {
    let mailed = ctx.step("mail", async |_| Ok(mailer.mail())).await?;
    Ok(mailed)
}

#[handler]
async fn names(event: usize, _: DurableContext, ctx: usize, r#type: usize) -> Result<usize> {
    Ok(event + ctx + r#type)
}

#[cfg(any())]
#[handler]
async fn left_out(_event: (), _ctx: DurableContext, _state: &DoesNotExist) -> DoesNotExist {}

#[handler]
#[cfg(any())]
async fn left_out_too(_event: (), _ctx: DurableContext, _state: &DoesNotExist) -> DoesNotExist {}

#[handler]
#[cfg(any())]
async fn without_state(_event: (), _ctx: DurableContext) -> DoesNotExist {}

fn run<I, F: Future<Output = Result<usize>> + Send>(_: impl Fn(I, DurableContext) -> F + Clone + Send + Sync) {}

fn run_forever<I, F: Future + Send>(_: impl Fn(I, DurableContext) -> F + Send + Sync + 'static) {}

fn main() {
    #[handler]
    async fn local(_event: (), _ctx: DurableContext, db: &Db) -> Result<usize> {
        Ok(db.name().len())
    }

    let (db, name, mailer) = (Db, "name".to_owned(), Box::new(Db) as Box<dyn Mailer>);
    run(borrowed::with(&db));
    run(|event, ctx| borrowed(event, ctx, &db));
    run(owned::with(Arc::new(Db), (1, 2), 3));
    run_forever(owned::with(Arc::new(Db), (1, 2), 3));
    run(generic::with(&*mailer, Cow::Borrowed(&name), &[1, 2, 3]));
    run(impl_trait::with(&db));
    run(names::with(1, 2));
    run(local::with(&db));
}
