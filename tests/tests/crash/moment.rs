//! When a service is killed.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::service::Client;

/// How long something is waited for that may not happen any more.
const LONGEST: Duration = Duration::from_millis(250);

/// How long it takes at most to notice that a function logged something. What is acknowledged too early is recorded
/// soon after.
const GLANCE: Duration = Duration::from_micros(50);

/// When a service is killed.
pub(crate) enum Moment {
    /// After so long.
    After(Duration),
    /// As soon as a function logs something, which it does when the service has acknowledged what comes before.
    Logged,
    /// As soon as the service acknowledges something to the test.
    Acknowledged,
}

impl Moment {
    pub(crate) fn draw(chance: &mut fastrand::Rng) -> Self {
        match chance.u8(..3) {
            0 => Self::After(Duration::from_millis(chance.u64(..300))),
            1 => Self::Logged,
            _ => Self::Acknowledged,
        }
    }

    /// Waits for it.
    pub(crate) async fn come(self, folder: &Path, client: &Client) {
        match self {
            Self::After(delay) => sleep(delay).await,
            Self::Logged => {
                let log = folder.join("log");
                tokio::task::spawn_blocking(move || wait_for_growth(log)).await.unwrap();
            }
            Self::Acknowledged => drop(timeout(LONGEST, client.acknowledged()).await),
        }
    }
}

fn wait_for_growth(file: PathBuf) {
    let length = || file.metadata().map_or(0, |metadata| metadata.len());
    let (before, end) = (length(), Instant::now() + LONGEST);
    while length() == before && Instant::now() < end {
        thread::sleep(GLANCE);
    }
}
