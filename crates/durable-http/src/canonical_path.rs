//! Paths whose slashes differ from those that AWS's SDKs send.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

const EXECUTIONS: &str = "/2025-12-01/durable-executions/";
const CALLBACKS: &str = "/2025-12-01/durable-execution-callbacks/";

/// Replaces the path of a request by its canonical form.
pub(super) fn with_canonical_path(mut request: Request) -> Request {
    if let Some(uri) = canonical_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn canonical_uri(uri: &Uri) -> Option<Uri> {
    let mut path = canonical_path(uri.path());
    if let Some(query) = uri.query() {
        path = format!("{path}?{query}");
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// Returns a path without a slash at its end, and with the slashes escaped that belong to an ARN or the id of a callback.
fn canonical_path(path: &str) -> String {
    let path = path.strip_suffix('/').unwrap_or(path);
    let escaped = match (path.strip_prefix(EXECUTIONS), path.strip_prefix(CALLBACKS)) {
        (Some(rest), _) => escape_arn(rest).map(|rest| format!("{EXECUTIONS}{rest}")),
        (None, Some(rest)) => escape_callback_id(rest).map(|rest| format!("{CALLBACKS}{rest}")),
        (None, None) => None,
    };
    escaped.unwrap_or_else(|| path.to_owned())
}

/// Escapes the slashes of `FUNCTION/durable-execution/NAME/ID`, which a slash and the operation may follow.
fn escape_arn(rest: &str) -> Option<String> {
    let mut segments = rest.splitn(5, '/');
    let (function, kind, name, id) = (segments.next()?, segments.next()?, segments.next()?, segments.next()?);
    if kind != "durable-execution" {
        return None;
    }
    let arn = [function, kind, name, id].join("%2F");
    Some(segments.next().map_or_else(|| arn.clone(), |operation| format!("{arn}/{operation}")))
}

/// Escapes the slashes of `ID` in `ID/OPERATION`.
fn escape_callback_id(rest: &str) -> Option<String> {
    let (id, operation) = rest.rsplit_once('/')?;
    Some(format!("{}/{operation}", id.replace('/', "%2F")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_is_removed_once() {
        assert_eq!(canonical_path("/2015-03-31/functions/"), "/2015-03-31/functions");
        assert_eq!(canonical_path("/2015-03-31/functions//"), "/2015-03-31/functions/");
    }

    #[test]
    fn slashes_of_an_arn_are_escaped() {
        let canonical = "/2025-12-01/durable-executions/arn:f:1%2Fdurable-execution%2Fn%2Fi";

        for operation in ["", "/history", "/a/b"] {
            let path = format!("/2025-12-01/durable-executions/arn:f:1/durable-execution/n/i{operation}");
            assert_eq!(canonical_path(&path), format!("{canonical}{operation}"));
            assert_eq!(canonical_path(&format!("{path}/")), format!("{canonical}{operation}"));
        }
    }

    #[test]
    fn slashes_of_the_id_of_a_callback_are_escaped() {
        let path = canonical_path("/2025-12-01/durable-execution-callbacks/a/b+c/d==/succeed");

        assert_eq!(path, "/2025-12-01/durable-execution-callbacks/a%2Fb+c%2Fd==/succeed");
    }

    #[test]
    fn other_paths_stay_as_they_are() {
        for path in [
            "",
            "/nothing",
            "/2025-12-01/durable-executions/a/b/c/d",
            "/2025-12-01/durable-executions/a/history",
            "/2025-12-01/durable-execution-callbacks/succeed",
            "/2025-12-01/durable-execution-callbacks/a%2Fb/succeed",
        ] {
            assert_eq!(canonical_path(path), path);
        }
    }

    #[test]
    fn the_query_and_the_authority_are_preserved() {
        let uri = canonical_uri(&Uri::from_static("http://localhost:1/health/?a=%2Fb")).unwrap();

        assert_eq!(uri, Uri::from_static("http://localhost:1/health?a=%2Fb"));
    }
}
