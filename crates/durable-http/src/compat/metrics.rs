//! The metrics of the service, in the text format that the client requests.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

use super::super::error::ApiError;
use super::super::headers;
use crate::service::Service;

/// A text format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// OpenMetrics 1.0.0.
    OpenMetrics,
    /// The text format of Prometheus, version 0.0.4, for clients that request nothing else.
    Prometheus,
}

/// Responds with the metrics of the service.
pub(super) async fn metrics(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let format = Format::of_accept(headers::text(&headers, "accept")?.unwrap_or_default());
    let body = format.encode(&service.registry).map_err(|error| ApiError::failed(&error))?;
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    Ok(response)
}

impl Format {
    /// Chooses the format that an `Accept` header prefers. A client that accepts neither format gets that of Prometheus.
    fn of_accept(accept: &str) -> Self {
        let quality = |is_wanted: fn(&str, Option<&str>) -> bool| {
            let wanted = accept.split(',').filter_map(|range| quality(range, is_wanted));
            wanted.fold(0.0, f32::max)
        };
        let open_metrics = quality(|media_type, version| {
            media_type == "application/openmetrics-text" && version.is_none_or(|version| version == "1.0.0")
        });
        let prometheus = quality(|media_type, version| {
            media_type == "text/plain" && version.is_none_or(|version| version == "0.0.4")
        });
        if open_metrics > 0.0 && open_metrics >= prometheus { Self::OpenMetrics } else { Self::Prometheus }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
        }
    }

    fn encode(self, registry: &Registry) -> Result<String, std::fmt::Error> {
        let mut body = String::new();
        match self {
            Self::OpenMetrics => text::encode(&mut body, registry)?,
            Self::Prometheus => prometheus_text::encode(&mut body, registry)?,
        }
        Ok(body)
    }
}

/// Returns the quality of a media range, if it is wanted.
fn quality(range: &str, is_wanted: fn(&str, Option<&str>) -> bool) -> Option<f32> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next()?.to_ascii_lowercase();
    let parameters: Vec<(&str, &str)> = parts.filter_map(|parameter| parameter.split_once('=')).collect();
    let parameter = |name: &str| {
        let named = parameters.iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim().trim_matches('"'))
    };
    if !is_wanted(&media_type, parameter("version")) {
        return None;
    }
    parameter("q").map_or(Some(1.0), |quality| quality.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_gets_open_metrics() {
        let accept = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                      application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,\
                      text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

        assert_eq!(Format::of_accept(accept), Format::OpenMetrics);
    }

    #[test]
    fn clients_that_do_not_request_open_metrics_get_the_format_of_prometheus() {
        for accept in [
            "",
            "*/*",
            "text/html, */*;q=0.8",
            "application/json",
            "text/plain;version=0.0.4",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;version=2.0.0",
            "application/openmetrics-text;q=none",
            "Application/OpenMetrics-Text;q=0.2, text/plain;q=0.3",
        ] {
            assert_eq!(Format::of_accept(accept), Format::Prometheus, "{accept}");
        }
    }

    #[test]
    fn a_media_type_is_compared_regardless_of_case() {
        assert_eq!(
            Format::of_accept("Application/OpenMetrics-Text; Version=\"1.0.0\"; Q=0.5"),
            Format::OpenMetrics
        );
    }
}
