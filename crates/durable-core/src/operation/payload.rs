//! What a called function receives, and how it is written.

use serde::Serialize;

use crate::{BoxError, Json, Serdes, SerdesContext};

/// Writes the payload of a call: [`Json`], or the serdes of a [`PayloadSerdes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot write a payload of type `{P}`",
    note = "derive `serde::Serialize` for it, or give the call a `payload_serdes`"
)]
pub trait PayloadWriter<P>: Send + Sync {
    /// Writes a payload.
    fn write(
        &self,
        payload: &P,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<String, BoxError>> + Send;
}

impl<P: Serialize + Sync> PayloadWriter<P> for Json {
    async fn write(&self, payload: &P, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(serde_json::to_string(payload)?)
    }
}

/// Writes the payload of a call with a serdes; see [`Invoke::payload_serdes`](crate::Invoke::payload_serdes).
#[derive(Clone, Copy, Debug)]
pub struct PayloadSerdes<S>(S);

impl<S> PayloadSerdes<S> {
    pub(super) fn new(serdes: S) -> Self {
        Self(serdes)
    }
}

impl<P, S: Serdes<P>> PayloadWriter<&P> for PayloadSerdes<S> {
    fn write(
        &self,
        payload: &&P,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        self.0.serialize(payload, context)
    }
}
