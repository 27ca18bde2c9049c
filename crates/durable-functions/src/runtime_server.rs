//! The port of the Runtime API of one process.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::serve::{Listener, ListenerExt};
use durable_host::clock::{is_usable, while_usable};
use durable_http_body::ByteBudget;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::task::JoinHandle;

use super::process::Process;
use super::runtime_api;

/// A bound loopback port that is not served yet.
///
/// Each process has a port of its own because runtimes are configured with a host and a port, and those of some
/// languages support nothing more specific.
#[derive(Debug)]
pub(super) struct RuntimePort {
    listener: TcpListener,
    address: SocketAddr,
}

impl RuntimePort {
    pub(super) fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the Runtime API to the process that was started with this address. Responses are read within the budget.
    pub(super) fn serve(self, process: Arc<Process>, answers: ByteBudget) -> io::Result<RuntimeServer> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?.tap_io(|stream| {
            // Requests and responses are small and alternate, which Nagle's algorithm would delay.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot disable Nagle's algorithm; responses to a function may be delayed");
            }
        });
        let router = runtime_api::router(process, answers);
        Ok(RuntimeServer(tokio::spawn(async move {
            serve(listener, router).await;
        })))
    }
}

/// Serves connections like [`axum::serve`], but not while the clock is out of range, because hyper would panic.
async fn serve(mut listener: impl Listener, router: Router) {
    loop {
        let (stream, _) = listener.accept().await;
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            if let Some(Err(error)) = while_usable(is_usable, connection).await {
                tracing::debug!(%error, "a connection of a function failed");
            }
        });
    }
}

/// Serves the Runtime API of one process until it is dropped.
pub(super) struct RuntimeServer(JoinHandle<()>);

impl Drop for RuntimeServer {
    fn drop(&mut self) {
        self.0.abort();
    }
}
