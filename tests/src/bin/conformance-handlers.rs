//! The handlers of all conformance requirements in one program; `_HANDLER` selects one, such as `step-1-12`.

#[tokio::main]
async fn main() -> durable::Result<()> {
    durable_tests::conformance::serve().await
}
