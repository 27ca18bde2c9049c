//! The API as a router.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use durable_host::Host;
use tower::ServiceBuilder;

use super::admit::admit;
use super::canonical_path::with_canonical_path;
use super::layers::with_layers;
use super::methods::unknown_path;
use super::routes::routes;
use super::service::Service;
use super::settings::HttpSettings;

/// Returns a router that answers the requests of the API, to be mounted in the server of another program.
///
/// It answers every path, those that belong to no operation with a typed 404. The server has to bound connections and
/// the time for heads, as [`serve`](crate::serve()) does.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use durable_host::Host;
/// use durable_http::{Guard, HttpSettings};
///
/// fn app(host: Host) -> Router {
///     let guard = Guard::new(([127, 0, 0, 1], 9800).into(), None);
///     let api = durable_http::router(host, HttpSettings::new(guard));
///     Router::new().route("/dashboard", get(async || "All is well.")).fallback_service(api)
/// }
/// ```
pub fn router(host: Host, settings: HttpSettings) -> Router {
    let service = Arc::new(Service::new(host, settings));
    let routes: Router = routes().fallback(unknown_path).with_state(Arc::clone(&service));
    let canonical = ServiceBuilder::new().map_request(with_canonical_path).service(routes.clone());
    let admitted = ServiceBuilder::new().layer(from_fn_with_state(service, admit));
    with_layers(admitted.service(routes.fallback_service(canonical)))
}
