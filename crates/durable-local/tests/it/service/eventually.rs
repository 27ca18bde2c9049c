//! Waiting for what happens soon, but not at once.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// How long anything may take, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(30);
const BETWEEN: Duration = Duration::from_millis(2);

/// Asks again and again until there is an answer, and fails the test if there is none in time.
pub(super) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let answered = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            sleep(BETWEEN).await;
        }
    };
    timeout(LIMIT, answered).await.unwrap_or_else(|_| panic!("in vain: {what}"))
}

/// Waits until something is so.
pub(super) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    eventually(what, async || is_so().await.then_some(())).await;
}
