//! The handlers of all conformance requirements in one program; the variable `_HANDLER` says which one it is.

#[tokio::main]
async fn main() -> durable::Result<()> {
    durable_tests::conformance::serve().await
}
