//! Bodies that run concurrently and share one record: what maps and parallels have in common.

mod indexed;
mod item;
mod open;
mod outcome;
mod progress;
mod rebuild;
mod record;
mod result;
mod rules;
mod run;
mod serdes;
mod status;
mod whole;

pub(crate) use item::{Item, Items};
pub(crate) use open::{OpenBatch, Registered, claim_open};
pub use progress::{BatchProgress, ItemProgress};
pub use result::{BatchItem, BatchResult};
pub(crate) use rules::{Rules, rules};
pub(crate) use run::{Batch, claim};
pub(crate) use serdes::BatchSerdes;
pub use status::BatchStatus;

pub use durable_engine::{CompletionReason, Verdict};
