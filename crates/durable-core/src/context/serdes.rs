//! What the operations of a context are recorded with.

use std::sync::Arc;

use super::context::DurableContext;
use crate::serdes::{AnyValue, ContextSerdes, Serdes, Using};

impl DurableContext {
    /// The same context, with a serdes for operations that have none of their own, instead of JSON.
    ///
    /// Contexts inside of it take it over: child contexts, items, branches, blocks and sagas. Ask for it first in a handler, and
    /// keep it as long as executions are running: what they recorded is read with it again.
    ///
    /// What other systems write or read stays JSON, since they do not know this serdes: the input of the execution,
    /// answers to callbacks, payloads and results of called functions. So does the result of the execution, unless
    /// [`set_result_serdes`](Self::set_result_serdes) says otherwise. The
    /// [record](Self::wait_for_callback) of a callback that was waited for is written with this serdes once the answer is
    /// there. Errors are recorded as they are.
    ///
    /// A serdes for all values is one for every `T`. It can also be that of [single operations](Self::using).
    ///
    /// ```
    /// use durable_core::{DurableContext, Result};
    /// use durable_core::error::BoxError;
    /// use durable_core::serdes::{DeserializeValue, SerdesContext, SerializeValue};
    /// use serde::{Serialize, de::DeserializeOwned};
    ///
    /// /// Records values encrypted.
    /// struct Encrypted;
    /// # fn encrypt(text: String, _: &str) -> String { text.chars().rev().collect() }
    /// # fn decrypt(text: &str, _: &str) -> String { text.chars().rev().collect() }
    ///
    /// impl<T: Serialize + Sync> SerializeValue<T> for Encrypted {
    ///     async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
    ///         Ok(encrypt(serde_json::to_string(value)?, &context.operation_id()))
    ///     }
    /// }
    ///
    /// impl<T: DeserializeOwned> DeserializeValue<T> for Encrypted {
    ///     async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
    ///         Ok(serde_json::from_str(&decrypt(text, &context.operation_id()))?)
    ///     }
    /// }
    ///
    /// async fn handler(patient: String, ctx: DurableContext) -> Result<u32> {
    ///     let ctx = ctx.with_serdes(Encrypted);
    ///     ctx.step("weigh", async |_| Ok(patient.len() as u32)).await
    /// }
    /// ```
    #[must_use = "it does not change the context itself"]
    pub fn with_serdes(&self, serdes: impl Serdes<AnyValue> + 'static) -> Self {
        Self { serdes: ContextSerdes::new(serdes), ..self.clone() }
    }

    /// The same context, with this serdes for the results of the operations that are started with what comes back.
    ///
    /// For single operations, and for types that do not implement serde's traits. The contexts inside such an operation
    /// keep the serdes of this one. It also reads what other systems send: answers to callbacks, results of called functions.
    ///
    /// ```
    /// use durable_core::{DurableContext, Result};
    /// use durable_core::error::BoxError;
    /// use durable_core::serdes::{DeserializeValue, SerdesContext, SerializeValue};
    ///
    /// /// An image, which knows nothing of serde.
    /// struct Image { width: u32, pixels: Vec<u8> }
    ///
    /// struct Png;
    /// # impl Image {
    /// #     fn to_png_base64(&self) -> String { format!("{}:{}", self.width, self.pixels.len()) }
    /// #     fn from_png_base64(_: &str) -> std::io::Result<Self> { Ok(Self { width: 1, pixels: vec![0] }) }
    /// # }
    ///
    /// impl SerializeValue<Image> for Png {
    ///     async fn serialize(&self, image: &Image, _: SerdesContext<'_>) -> Result<String, BoxError> {
    ///         Ok(image.to_png_base64())
    ///     }
    /// }
    ///
    /// impl DeserializeValue<Image> for Png {
    ///     async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<Image, BoxError> {
    ///         Ok(Image::from_png_base64(text)?)
    ///     }
    /// }
    /// # async fn render(page: &str) -> std::io::Result<Image> { Ok(Image { width: 1, pixels: vec![0] }) }
    ///
    /// async fn handler(page: String, ctx: DurableContext) -> Result<u32> {
    ///     let image = ctx.using(Png).step("render", async |_| Ok(render(&page).await?)).await?;
    ///     Ok(image.width)
    /// }
    /// ```
    #[must_use = "it does not change the context itself"]
    pub fn using<S>(&self, serdes: S) -> DurableContext<Using<S>> {
        let serdes = Using::new(serdes, self.serdes.clone());
        DurableContext { shared: Arc::clone(&self.shared), key: self.key, serdes }
    }

    /// Records the result of the handler with this serdes instead of as JSON.
    ///
    /// Whoever started the execution gets the text as the serdes wrote it, so they must be able to read it: a function that
    /// called this one needs the same serdes for the [result of the call](Self::using). Errors are recorded as
    /// they are. It applies to the execution as a whole, whichever context it is set on, and the last call counts. Operations
    /// are not affected: see [`with_serdes`](Self::with_serdes).
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// use durable_core::serdes::FileSystemSerdes;
    ///
    /// async fn handler(pages: usize, ctx: DurableContext) -> Result<String> {
    ///     let files = FileSystemSerdes::new("/mnt/durable").on_overflow();
    ///     ctx.set_result_serdes(files.clone());
    ///     let ctx = ctx.with_serdes(files);
    ///     let report = ctx.step("render", async |_| Ok("page".repeat(pages))).await?;
    ///     Ok(report)
    /// }
    /// ```
    pub fn set_result_serdes(&self, serdes: impl Serdes<AnyValue> + 'static) {
        self.shared.set_result_serdes(ContextSerdes::new(serdes));
    }
}
