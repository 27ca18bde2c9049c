//! The service as a whole: its API over HTTP, with functions that run in the test's process.

mod besides;
mod call;
mod callback;
mod checkpoint;
mod client;
mod deletion;
mod failure;
mod guest;
mod history;
mod hostile;
mod interplay;
mod invoke;
pub(crate) mod killed;
pub(crate) mod killed_held;
mod list;
pub(crate) mod log_tail;
mod names;
mod pause;
mod quota;
mod restart;
mod routes;
mod secret;
mod start;
mod stop;
mod tenancy;
mod versions;
mod watch;
