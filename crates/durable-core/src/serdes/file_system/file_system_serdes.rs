//! Values in files, with a record that says which.

use std::path::PathBuf;

use durable_types::limits::MAX_CONTEXT_RESULT_BYTES;
use serde::Serialize;
use serde_json::Value;

use super::envelope::{Envelope, check_digest, digest};
use super::failure::Failure;
use super::folder::Folder;
use super::preview::Preview;
use super::previous::{Previous, read_content};
use super::reference::{Owner, Reference};
use crate::error::BoxError;
use crate::serdes::{DeserializeValue, Json, SerdesContext, SerializeValue, TextOrigin};

/// The most that a record may hold: what it can hold before a context is replayed for its result, less some room for
/// what stands around it.
const MAX_RECORD: usize = MAX_CONTEXT_RESULT_BYTES - 1_024;

/// Keeps values in files and records which file it is, for values that are too large for a checkpoint.
///
/// The folder must be one that every invocation of the function sees, such as an EFS mount. Never use `/tmp` on Lambda:
/// each sandbox has a `/tmp` of its own, so the next invocation may not find what this one wrote. The folder itself is
/// not created, because a mount that failed must not be mistaken for an empty folder.
///
/// ```
/// use durable_core::{DurableContext, Result};
/// use durable_core::serdes::FileSystemSerdes;
/// # async fn render() -> std::io::Result<String> { Ok(String::new()) }
///
/// async fn handler(_: (), ctx: DurableContext) -> Result<usize> {
///     let files = FileSystemSerdes::new("/mnt/durable").on_overflow();
///     let report = ctx.using(files).step("render", async |_| Ok(render().await?)).await?;
///     Ok(report.len())
/// }
/// ```
///
/// # Files
/// The text of a value, as the [inner](Self::inner) serdes writes it, is the content of a file
/// `function/execution name/execution id/operation-digest-unique.payload` in the folder. A file is written once, in
/// full, and synced to disk before the record that names it; it is never overwritten. An attempt that runs again
/// therefore leaves the file of the previous attempt behind, which no record names. Nothing is ever deleted: let files
/// expire once no execution that could read them is retained. Files whose names begin with a dot were never finished.
///
/// The record is the envelope that AWS's SDKs write: the owner, the SHA-256 digest of the text, the absolute path of the
/// file, and the [preview](Self::preview): about half a kilobyte. The folder may be mounted elsewhere later; only the path
/// below it counts.
/// Records in the format of earlier versions of this crate are still read, and so is what the inner serdes recorded by
/// itself, so that executions in flight survive the change to this serdes.
///
/// A context that is [using](crate::DurableContext::using) it gives each item of a map a file; as the
/// [batch serdes](crate::operation::Map::batch_serdes) of a map it gives one to all of them together. The items of a [flat](crate::operation::Map::flat) map are not recorded one by one: until
/// the map is complete, each invocation writes their files again.
///
/// # Trust
/// Files are read only where a record of this SDK names them. The answer to a callback and the result of a called function
/// are read as the inner serdes reads them, whatever they look like. A record is refused if it belongs to another operation,
/// or if it names a file outside of the folder, by its path or through a link. A record that is refused, or whose file is
/// missing or damaged, ends the execution with an error that names file and operation. If the disk fails, the invocation
/// ends and the service retries it.
#[derive(Clone, Debug)]
pub struct FileSystemSerdes<S = Json> {
    folder: Folder,
    threshold: Option<usize>,
    preview: Option<Preview>,
    inner: S,
}

impl FileSystemSerdes {
    /// Keeps every value in a file somewhere in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Folder::new(folder.into()), threshold: None, preview: None, inner: Json }
    }
}

impl<S> FileSystemSerdes<S> {
    /// Keeps values in files only if they are too large for a record: over 255 KiB.
    pub fn on_overflow(self) -> Self {
        self.threshold(MAX_RECORD)
    }

    /// Keeps values in files only if their record would take more than this number of bytes.
    pub fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = Some(bytes);
        self
    }

    /// Shows some of each value that is in a file in its record, for those who read the history.
    ///
    /// The function gets the value as the [inner](Self::inner) serdes wrote it: its JSON, or a string if it is not JSON. It
    /// returns anything that serializes as a JSON object, or as `null` for no preview. The preview is never read back, so
    /// the function may change at any time. It must leave the record below 255 KiB, and should hold nothing secret.
    ///
    /// ```
    /// use durable_core::serdes::{FileSystemSerdes, PayloadKind};
    /// use serde_json::json;
    ///
    /// let files = FileSystemSerdes::new("/mnt/durable").preview(|value, context| match context.payload_kind() {
    ///     PayloadKind::State => None,
    ///     _ => Some(json!({ "operationName": context.operation_name(), "id": value["id"] })),
    /// });
    /// # let _ = files;
    /// ```
    pub fn preview<R: Serialize>(
        mut self,
        preview: impl Fn(&Value, SerdesContext<'_>) -> R + Send + Sync + 'static,
    ) -> Self {
        self.preview = Some(Preview::new(preview));
        self
    }

    /// Serializes values with this serdes instead of as JSON, such as one that encrypts.
    pub fn inner<S2>(self, inner: S2) -> FileSystemSerdes<S2> {
        let Self { folder, threshold, preview, inner: _ } = self;
        FileSystemSerdes { folder, threshold, preview, inner }
    }

    async fn keep(&self, text: &str, context: SerdesContext<'_>) -> Result<String, Failure> {
        let (owner, digest) = (Owner::of(context), digest(text));
        // A value that is read at once and forgotten needs no file.
        let threshold = if context.is_recorded() { self.threshold } else { Some(usize::MAX) };
        if let Some(threshold) = threshold {
            let record = Envelope::inline(text, &owner, &digest)?;
            if record.len() <= threshold {
                return Ok(record);
            }
        }
        let preview = self.preview.as_ref().map(|preview| preview.of(text, context)).transpose()?;
        let reference = Reference::unique(&owner, &digest);
        let record = Envelope::file(&self.folder.absolute(&reference)?, &owner, &digest, preview.flatten())?;
        if record.len() > MAX_RECORD {
            let bytes = record.len();
            return Err(Failure::new(format!(
                "its preview makes the record too large: {bytes} bytes of at most {MAX_RECORD}"
            )));
        }
        self.folder.write(&reference, text).await?;
        Ok(record)
    }

    /// Takes from a file what it holds.
    async fn content<R>(
        &self,
        reference: &Reference,
        take: impl FnOnce(String) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let content = self.folder.read(reference).await?;
        take(content)
            .map_err(|failure| Failure::because(format!("the file `{reference}` cannot be used"), failure))
    }

    /// Reads a value in the previous format, in which the text of the inner serdes is JSON or a string in JSON.
    async fn read_previous<T>(
        &self,
        previous: Previous<'_>,
        context: SerdesContext<'_>,
    ) -> Result<T, BoxError>
    where
        S: DeserializeValue<T>,
    {
        let value = match previous {
            Previous::Inline(value) => value.to_owned(),
            Previous::File(reference) => {
                let take = |content: String| read_content(&content).map(ToOwned::to_owned);
                self.content(&reference, take).await.map_err(|failure| of(context, failure))?
            }
        };
        if self.inner.is_json() {
            return self.inner.deserialize(value.get(), context).await;
        }
        let text: String = serde_json::from_str(value.get())?;
        self.inner.deserialize(&text, context).await
    }
}

impl<T: Sync, S: SerializeValue<T>> SerializeValue<T> for FileSystemSerdes<S> {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        let text = self.inner.serialize(value, context).await?;
        self.keep(&text, context).await.map_err(|failure| of(context, failure))
    }
}

impl<T, S: DeserializeValue<T>> DeserializeValue<T> for FileSystemSerdes<S> {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        match context.origin() {
            TextOrigin::Record => {}
            TextOrigin::External => return self.inner.deserialize(text, context).await,
        }
        let envelope = Envelope::read(text, &Owner::of(context)).map_err(|failure| of(context, failure))?;
        match envelope {
            None => self.inner.deserialize(text, context).await,
            Some(Envelope::Inline(text)) => self.inner.deserialize(&text, context).await,
            Some(Envelope::File { reference, digest }) => {
                let take = |content: String| check_digest(&content, &digest).map(|()| content);
                let content = self.content(&reference, take).await.map_err(|failure| of(context, failure))?;
                self.inner.deserialize(&content, context).await
            }
            Some(Envelope::Previous(previous)) => self.read_previous(previous, context).await,
        }
    }

    fn is_json(&self) -> bool {
        true
    }
}

fn of(context: SerdesContext<'_>, failure: Failure) -> BoxError {
    failure.of_operation(&context.operation_id())
}
