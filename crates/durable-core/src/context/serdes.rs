//! The serdes with which the operations of a context are recorded.

use std::sync::Arc;

use super::context::DurableContext;
use crate::serdes::{AnyValue, ContextSerdes, Serdes, Using};

impl DurableContext {
    /// Returns a context of the same scope that records operations with this serdes instead of as JSON.
    ///
    /// Contexts inside of it inherit the serdes: child contexts, items, branches, retried blocks and sagas. Call this
    /// first in the handler. Keep the serdes as long as executions are running, because it also reads what they have
    /// recorded.
    ///
    /// Values that other systems write or read stay JSON, since those systems do not know this serdes: the input of the
    /// execution, answers to callbacks, and payloads and results of invoked functions. The result of the execution also
    /// stays JSON, unless [`set_result_serdes`](Self::set_result_serdes) changes it. The record of
    /// [`wait_for_callback`](Self::wait_for_callback) is written with this serdes once the answer has arrived. Errors
    /// are recorded unchanged.
    ///
    /// Implement the serdes for every `T`. The same serdes can also be used for [single operations](Self::using).
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

    /// Returns a context of the same scope that starts operations with this serdes for their results.
    ///
    /// Use it for single operations, and for types that do not implement serde's traits. Contexts inside such an
    /// operation keep the serdes of this context. The serdes also reads values from other systems: answers to callbacks
    /// and results of invoked functions.
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

    /// Sets the serdes for the result of the handler; defaults to JSON.
    ///
    /// The caller of the execution receives the text as this serdes wrote it and must be able to read it: a function
    /// that invokes this one needs the same serdes for the [result](Self::using). Errors are recorded unchanged. The
    /// setting applies to the whole execution, no matter on which context it is set, and the last call wins. Operations
    /// are not affected; see [`with_serdes`](Self::with_serdes).
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
