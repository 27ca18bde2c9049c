//! A minimal blocking HTTP/1.1 client and server, which cost the machine little beside what is measured.

mod connection;
mod message;
mod server;
mod tls;

pub use connection::Connection;
pub use message::Message;
pub use server::{Response, serve, serve_tls};
pub use tls::Certificate;

/// Encodes a text as a segment of a path.
pub fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
