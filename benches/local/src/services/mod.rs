//! The services that are measured.

mod aws_runner;
mod durable;
mod functions;
mod restate;
mod running;
mod service;

pub use aws_runner::AwsRunner;
pub use durable::Durable;
pub use restate::Restate;
pub use running::Running;
pub use service::Service;

use std::net::{SocketAddr, TcpListener};

/// An address of this machine at which nothing listens.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free")
}
