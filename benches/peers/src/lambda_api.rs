//! The endpoint of the Lambda API to which functions send their checkpoints.

use std::io;
use std::sync::Arc;

use bench_harness::{Certificate, Message, Response, serve, serve_tls};
use durable_types::api::CheckpointRequest;

use crate::Ledger;

/// Serves a ledger over HTTP as long as this program runs, and returns the URL.
pub(crate) fn serve_ledger(ledger: Arc<Ledger>) -> String {
    format!("http://{}", serve(move |request| respond(&ledger, &request)))
}

/// The same over HTTPS.
pub(crate) fn serve_ledger_tls(certificate: &Certificate, ledger: Arc<Ledger>) -> String {
    format!("https://{}", serve_tls(certificate, move |request| respond(&ledger, &request)))
}

fn respond(ledger: &Ledger, request: &Message) -> io::Result<Response> {
    assert!(request.first_line.contains("/checkpoint "), "not a checkpoint: {}", request.first_line);
    let request: CheckpointRequest = serde_json::from_slice(&request.body)?;
    Ok(Response::ok(serde_json::to_vec(&ledger.checkpoint(request))?))
}
