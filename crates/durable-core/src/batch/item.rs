//! One item of a batch: a context of its own, recorded or not.

use std::pin::Pin;

use durable_engine::{Failure, NewOperation, Progress, Settled};
use durable_types::OperationStatus;

use super::outcome::Outcome;
use crate::error::OperationError;
use crate::operation::{Claim, LiveHandle, OperationName, Turn, VirtualContext, read, read_now, run_in};
use crate::serdes::{Serdes, SerdesContext, round_trip};
use crate::{ChildContextError, DurableContext, Result};

/// Something to run in a context of its own.
pub(crate) struct Item<'c, T> {
    pub(crate) name: OperationName<'c>,
    pub(crate) body: Body<'c, T>,
}

/// The body of an item, to be run once in this invocation.
pub(crate) type Body<'c, T> = Box<dyn FnOnce(DurableContext) -> BodyFuture<'c, T> + Send + 'c>;

type BodyFuture<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// The items of a batch, in order.
pub(crate) type Items<'c, T> = Box<dyn Iterator<Item = Item<'c, T>> + Send + 'c>;

/// A place as part of an identity. The service allows far fewer operations than places.
pub(super) fn place_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Where an item stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'b> {
    pub(super) batch: &'b DurableContext,
    pub(super) sub_type: &'static str,
    pub(super) index: u32,
    pub(super) is_flat: bool,
}

impl Place<'_> {
    fn operation(&self) -> NewOperation {
        NewOperation::Context { sub_type: self.sub_type, index: Some(self.index) }
    }
}

/// An item that has begun.
pub(super) enum Begun<'b, T> {
    /// It has ended already, most likely in an earlier invocation.
    Ended(Outcome<T>),
    /// The future ends with what became of it.
    Running(Running<'b, T>),
}

type Running<'b, T> = Pin<Box<dyn Future<Output = Outcome<T>> + Send + 'b>>;

/// Begins an item. Its place is claimed now, in the order of the items.
pub(super) fn begin<'b, 'c, T, S>(place: Place<'b>, item: Item<'c, T>, serdes: &'b S) -> Begun<'b, T>
where
    'c: 'b,
    T: Send + Sync + 'c,
    S: Serdes<T>,
{
    if let Some(problem) = item.name.problem() {
        let invalid = ChildContextError::invalid(item.name.as_deref(), problem);
        return Begun::Ended(Outcome::Failed(invalid));
    }
    if place.is_flat {
        let context = VirtualContext::open(place.batch, &item.name, &place.operation());
        return Begun::Running(Box::pin(run_flat(context, item, serdes)));
    }
    match Claim::make(place.batch, &item.name, place.operation()) {
        Claim::Settled(id, settled, origin, turn) => {
            let context = SerdesContext::new(place.batch.shared(), id, origin);
            replayed(item.name, (settled, turn), serdes, context)
        }
        Claim::Live(handle) => Begun::Running(Box::pin(run_nested(handle, item, serdes))),
        Claim::Never => Begun::Running(Box::pin(std::future::pending())),
    }
}

/// An item that ended in an earlier invocation. There is nothing to wait for unless its serdes does.
fn replayed<'b, 'c, T, S>(
    name: OperationName<'c>,
    (settled, turn): (Settled, Turn),
    serdes: &'b S,
    context: SerdesContext<'b>,
) -> Begun<'b, T>
where
    'c: 'b,
    T: Send + Sync + 'c,
    S: Serdes<T>,
{
    let text = match settled {
        Settled::Succeeded(text) => text.unwrap_or_else(|| "null".to_owned()),
        Settled::Failed { status, error } => return ended(Outcome::failed(&name, status, error), turn),
    };
    match read_now(serdes, Some(&text), &name, context) {
        Some(read) => ended(Outcome::read(&name, text, read), turn),
        None => Begun::Running(Box::pin(async move {
            turn.come().await;
            let read = read(serdes, Some(&text), &name, context).await;
            Outcome::read(&name, text, read)
        })),
    }
}

/// An outcome that counts from its turn on.
fn ended<'b, T: Send + 'b>(outcome: Outcome<T>, turn: Turn) -> Begun<'b, T> {
    match turn {
        Turn::Now => Begun::Ended(outcome),
        turn @ Turn::Deferred(..) => Begun::Running(Box::pin(async move {
            turn.come().await;
            outcome
        })),
    }
}

async fn run_nested<T, S: Serdes<T>>(handle: LiveHandle, item: Item<'_, T>, serdes: &S) -> Outcome<T> {
    let Item { name, body } = item;
    let mut body = Some(body);
    let mut written = None;
    loop {
        match handle.progress().await {
            Progress::Enter { context, .. } => {
                let Some(body) = body.take() else { continue };
                let context = handle.open(context);
                match run_in(context.scope(), async { body(context).await }).await {
                    Err(error) => handle.fail_body(&error, Failure::Permanent),
                    Ok(value) => match round_trip(serdes, &value, handle.serdes_context()).await {
                        Err(error) => handle.fail(error, Failure::Permanent),
                        Ok((text, value)) => {
                            handle.succeed_text(text.clone());
                            written = Some((text, value));
                        }
                    },
                }
            }
            Progress::Settled(settled) => {
                return settle(&name, settled, written, serdes, handle.serdes_context()).await;
            }
            Progress::Pending | Progress::Run { .. } | Progress::Created { .. } | Progress::Orphaned => {}
        }
    }
}

async fn run_flat<T, S: Serdes<T>>(context: VirtualContext, item: Item<'_, T>, serdes: &S) -> Outcome<T> {
    let Item { name, body } = item;
    let error = match context.run(body).await {
        Err(error) => error.to_error_object(),
        Ok(value) => match round_trip(serdes, &value, context.serdes_context()).await {
            Ok((text, value)) => return Outcome::succeeded(text, value),
            Err(error) => error,
        },
    };
    Outcome::failed(&name, OperationStatus::Failed, error)
}

async fn settle<T>(
    name: &OperationName<'_>,
    settled: Settled,
    written: Option<(String, T)>,
    serdes: &impl Serdes<T>,
    context: SerdesContext<'_>,
) -> Outcome<T> {
    let text = match (settled, written) {
        (Settled::Succeeded(_), Some((text, value))) => return Outcome::succeeded(text, value),
        (Settled::Succeeded(text), None) => text.unwrap_or_else(|| "null".to_owned()),
        (Settled::Failed { status, error }, _) => return Outcome::failed(name, status, error),
    };
    let read = read(serdes, Some(&text), name, context).await;
    Outcome::read(name, text, read)
}
