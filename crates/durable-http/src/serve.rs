//! Serves the API on a listener.

use std::future::Future;

use axum::serve::ListenerExt;
use durable_host::Host;
use tokio::net::TcpListener;

use super::listen::{Limits, listen};
use super::router::router;
use super::settings::HttpSettings;
use super::whole_body::PATIENCE;

/// Serves the API until `stop` completes and the requests in progress are answered.
///
/// It closes connections whose clients are slow: those that take longer than a minute to send a head or a body, or to
/// read any bytes of a response. A connection beyond the limit replaces the one that has been idle for the longest time;
/// if none is idle, it is rejected with 429.
pub async fn serve(
    listener: TcpListener,
    host: Host,
    settings: HttpSettings,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let limits = Limits {
        patience: PATIENCE,
        connections: settings.connections,
        is_clock_usable: durable_host::clock::is_usable,
    };
    let metrics = settings.metrics.connections().clone();
    let router = router(host, settings);
    // Checkpoints and their responses are small and wait for each other, so Nagle's algorithm would delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "Nagle's algorithm stays enabled on a connection");
        }
    });
    listen(listener, router, limits, metrics, stop).await;
}
