//! Finds the service that runs on a data folder.

pub use durable_functions::loopback::on_this_machine;

pub use crate::address::{address_file, read_address};
