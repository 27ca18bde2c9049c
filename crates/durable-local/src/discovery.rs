//! Finds the service that runs on a data folder.

pub use crate::reachable::on_this_machine;
pub use crate::service::{address_file, read_address};
