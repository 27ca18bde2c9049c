//! An item of a batch: a context of its own, recorded or virtual.

use std::pin::Pin;

use durable_engine::{NewOperation, OperationId, Settled};

use super::outcome::{Outcome, item_subject};
use crate::context::DurableContext;
use crate::error::{BoxError, Result, Subject};
use crate::live::{Claim, LiveHandle, Turn, VirtualContext, read, read_now, run_in};
use crate::name::OperationName;
use crate::serdes::{DeserializeValue, Serdes, SerdesContext, SerializeValue, round_trip};

/// A body to run in a context of its own.
pub(crate) struct Item<'c, T> {
    pub(crate) name: OperationName<'c>,
    pub(crate) body: Body<'c, T>,
}

/// The body of an item, which runs at most once per invocation.
pub(crate) type Body<'c, T> = Box<dyn FnOnce(DurableContext) -> BodyFuture<'c, T> + Send + 'c>;

type BodyFuture<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// The items of a batch, in order.
pub(crate) type Items<'c, T> = Box<dyn Iterator<Item = Item<'c, T>> + Send + 'c>;

/// Converts an index into its part of an identity. The service allows far fewer operations than a `u32` can count.
pub(super) fn place_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The position of an item in its batch.
#[derive(Clone, Copy)]
pub(super) struct Place<'b> {
    pub(super) batch: &'b DurableContext,
    pub(super) batch_id: OperationId,
    pub(super) sub_type: &'static str,
    pub(super) index: u32,
    pub(super) is_flat: bool,
}

impl Place<'_> {
    fn operation(&self) -> NewOperation {
        NewOperation::Context { sub_type: self.sub_type, index: Some(self.index) }
    }

    /// Returns the subject of the item's errors.
    fn subject<'n>(&self, name: &'n OperationName<'_>) -> Subject<'n> {
        item_subject(self.batch_id.item(self.sub_type, self.index), name)
    }
}

/// An item that has begun.
pub(super) enum Begun<'b, T> {
    /// It has ended already, most likely in an earlier invocation.
    Ended(Outcome<T>),
    /// The future ends with what became of it.
    Running(RunningItem<'b, T>),
}

/// Ends with the outcome of an item.
pub(super) type RunningItem<'b, T> = Pin<Box<dyn Future<Output = Outcome<T>> + Send + 'b>>;

/// Begins an item. Its place is claimed now, in the order of the items.
pub(super) fn begin<'b, 'c, T, S>(place: Place<'b>, item: Item<'c, T>, serdes: &'b S) -> Begun<'b, T>
where
    'c: 'b,
    T: Send + Sync + 'c,
    S: Serdes<T>,
{
    if let Some(problem) = item.name.problem() {
        return Begun::Ended(Outcome::Failed(place.subject(&item.name).invalid(problem)));
    }
    if place.is_flat {
        let context = VirtualContext::open_flat_item(place.batch, place.index, &item.name);
        return boxed(run_flat(place, context, item, serdes));
    }
    match Claim::make(place.batch, &item.name, place.operation()) {
        Claim::Settled(id, settled, origin, turn) => {
            let context = SerdesContext::new(&**place.batch.shared(), id, origin);
            replayed(id, item.name, (settled, turn), serdes, context)
        }
        Claim::Live(handle) => boxed(run_nested(handle, item, serdes)),
        Claim::Never => boxed(std::future::pending()),
    }
}

/// Replays an item that ended in an earlier invocation, which is pending only if its serdes is.
fn replayed<'b, 'c, T, S>(
    id: OperationId,
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
        Settled::Succeeded(text) => text,
        Settled::Failed { status, error } => {
            return ended(Outcome::Failed(item_subject(id, &name).ended(status, *error)), turn);
        }
    };
    let outcome = move |name: &OperationName<'_>, read| match read {
        Ok((text, value)) => Outcome::succeeded(text, value),
        Err(error) => Outcome::Failed(item_subject(id, name).failed(error)),
    };
    match read_now(&WithText(serdes), text.as_deref(), &name, context.named(name.as_deref())) {
        Some(read) => ended(outcome(&name, read), turn),
        None => boxed(async move {
            turn.come().await;
            let context = context.named(name.as_deref());
            outcome(&name, read(&WithText(serdes), text.as_deref(), &name, context).await)
        }),
    }
}

/// An outcome that counts from its turn on.
fn ended<'b, T: Send + 'b>(outcome: Outcome<T>, turn: Turn) -> Begun<'b, T> {
    if turn.has_come() {
        return Begun::Ended(outcome);
    }
    boxed(async move {
        turn.come().await;
        outcome
    })
}

fn boxed<'b, T>(item: impl Future<Output = Outcome<T>> + Send + 'b) -> Begun<'b, T> {
    Begun::Running(Box::pin(item))
}

#[expect(clippy::manual_async_fn, reason = "its future would be larger")]
fn run_flat<T: Send + Sync, S: Serdes<T>>(
    place: Place<'_>,
    context: VirtualContext,
    Item { name, body }: Item<'_, T>,
    serdes: &S,
) -> impl Future<Output = Outcome<T>> {
    async move {
        let error = match context.run(body).await {
            Err(error) => error.to_error_object(),
            Ok(value) => {
                let batch = context.serdes_context(place.batch_id);
                let context = batch.item(place.sub_type, place.index, name.as_deref());
                match round_trip(serdes, &value, context).await {
                    Ok((text, value)) => return Outcome::succeeded(text, value),
                    Err(error) => error,
                }
            }
        };
        Outcome::Failed(place.subject(&name).failed(error))
    }
}

async fn run_nested<T: Send + Sync, S: Serdes<T>>(
    handle: LiveHandle,
    item: Item<'_, T>,
    serdes: &S,
) -> Outcome<T> {
    let Item { name, body } = item;
    let own = &handle;
    let body = |context: DurableContext| async move {
        match run_in(context.scope(), async { body(context).await }).await {
            Err(error) => own.fail(error.to_error_object()),
            Ok(value) => match round_trip(serdes, &value, own.serdes_context()).await {
                Err(error) => own.fail(error),
                Ok((text, value)) => {
                    own.succeed_text(text.clone());
                    return Some((text, value));
                }
            },
        }
        None
    };
    match handle.drive_context(&name, &WithText(serdes), body).await {
        Ok((text, value)) => Outcome::succeeded(text, value),
        Err(error) => Outcome::Failed(error),
    }
}

/// A serdes that returns the text along with the value, for the record of the batch.
struct WithText<'s, S>(&'s S);

impl<T: Send + Sync, S: SerializeValue<T>> SerializeValue<(String, T)> for WithText<'_, S> {
    async fn serialize(
        &self,
        (_, value): &(String, T),
        context: SerdesContext<'_>,
    ) -> Result<String, BoxError> {
        self.0.serialize(value, context).await
    }
}

impl<T: Send + Sync, S: DeserializeValue<T>> DeserializeValue<(String, T)> for WithText<'_, S> {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<(String, T), BoxError> {
        Ok((text.to_owned(), self.0.deserialize(text, context).await?))
    }
}
