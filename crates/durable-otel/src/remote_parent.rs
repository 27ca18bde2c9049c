//! The caller's span, as a trace header names it.

use durable_core::lambda::LambdaContext;
use opentelemetry::trace::{SpanId, TraceId};

/// What is known of the caller's span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RemoteParent {
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) span_id: Option<SpanId>,
    /// Whether the caller is traced, if it says so.
    pub(crate) is_sampled: Option<bool>,
}

impl RemoteParent {
    /// Reads the trace header of an invocation: that of X-Ray, or a W3C `traceparent` in its place or among the custom
    /// values of the client context.
    pub(crate) fn of(context: &LambdaContext) -> Self {
        let header = context.trace_header.as_deref().map(Self::parse).unwrap_or_default();
        if header.trace_id.is_some() {
            return header;
        }
        let client = context.client_context.as_ref();
        let traceparent = client.and_then(|client| client.custom.get("traceparent"));
        traceparent.and_then(|header| Self::parse_w3c(header)).unwrap_or_default()
    }

    fn parse(header: &str) -> Self {
        Self::parse_w3c(header).unwrap_or_else(|| Self::parse_x_ray(header))
    }

    /// Reads `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, in any order.
    fn parse_x_ray(header: &str) -> Self {
        let mut parent = Self::default();
        for (key, value) in header.split(';').filter_map(|part| part.trim().split_once('=')) {
            match key {
                "Root" => parent.trace_id = x_ray_root(value),
                "Parent" => parent.span_id = span_id(value),
                "Sampled" => {
                    parent.is_sampled =
                        ["0", "1"].iter().position(|flag| *flag == value).map(|flag| flag == 1)
                }
                _ => {}
            }
        }
        parent
    }

    /// Reads `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
    fn parse_w3c(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version.len() != 2
            || version == "ff"
            || flags.len() != 2
            || (version == "00" && parts.next().is_some())
        {
            return None;
        }
        let flags = u8::from_str_radix(flags, 16).ok()?;
        Some(Self {
            trace_id: Some(trace_id(trace)?),
            span_id: Some(span_id(span)?),
            is_sampled: Some(flags & 1 == 1),
        })
    }

    /// Returns the caller's trace and span, if both are known.
    pub(crate) fn complete(self) -> Option<(TraceId, SpanId)> {
        self.trace_id.zip(self.span_id)
    }
}

/// Formats an X-Ray trace header.
pub(crate) fn x_ray_header(trace_id: TraceId, parent: SpanId, is_sampled: bool) -> String {
    let trace = trace_id.to_string();
    let (time, rest) = trace.split_at_checked(8).unwrap_or_default();
    format!("Root=1-{time}-{rest};Parent={parent};Sampled={}", u8::from(is_sampled))
}

/// Reads `1-<8 hexadecimal digits>-<24>`.
fn x_ray_root(root: &str) -> Option<TraceId> {
    let (time, rest) = root.strip_prefix("1-")?.split_once('-')?;
    (time.len() == 8 && rest.len() == 24).then(|| trace_id(&format!("{time}{rest}")))?
}

fn trace_id(hex: &str) -> Option<TraceId> {
    let is_hex = hex.len() == 32 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    TraceId::from_hex(hex).ok().filter(|id| is_hex && *id != TraceId::INVALID)
}

fn span_id(hex: &str) -> Option<SpanId> {
    let is_hex = hex.len() == 16 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    SpanId::from_hex(hex).ok().filter(|id| is_hex && *id != SpanId::INVALID)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "5759e988bd862e3fe1be46a994272793";
    const SPAN: &str = "53995c3f42cd8ad8";

    fn expected(sampled: Option<bool>) -> RemoteParent {
        RemoteParent { trace_id: trace_id(TRACE), span_id: span_id(SPAN), is_sampled: sampled }
    }

    #[test]
    fn a_header_of_x_ray_is_read_in_any_order() {
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";

        assert_eq!(RemoteParent::parse(&format!("{root};Parent={SPAN};Sampled=1")), expected(Some(true)));
        assert_eq!(
            RemoteParent::parse(&format!("Sampled=0;Lineage=1:2;{root}; Parent={SPAN}")),
            expected(Some(false))
        );
        assert_eq!(RemoteParent::parse(&format!("{root};Parent={SPAN};Sampled=?")), expected(None));
        assert_eq!(RemoteParent::parse(root).complete(), None);
    }

    #[test]
    fn a_header_of_w3c_is_read() {
        assert_eq!(RemoteParent::parse(&format!("00-{TRACE}-{SPAN}-01")), expected(Some(true)));
        assert_eq!(RemoteParent::parse(&format!("00-{TRACE}-{SPAN}-00")), expected(Some(false)));
        assert_eq!(RemoteParent::parse(&format!("cc-{TRACE}-{SPAN}-01-more")), expected(Some(true)));
    }

    #[test]
    fn a_malformed_header_is_no_parent() {
        let zeros = "0".repeat(32);
        for header in [
            "",
            "Root=1-5759e988-bd862e3fe1be46a99427279",
            "Root=2-5759e988-bd862e3fe1be46a994272793",
            &format!("Root=1-{}-{}", &zeros[..8], &zeros[..24]),
            &format!("00-{TRACE}-{SPAN}-01-more"),
            &format!("ff-{TRACE}-{SPAN}-01"),
            &format!("00-{zeros}-{SPAN}-01"),
            &format!("00-{TRACE}-{SPAN}"),
            "Root=1-+759e988-bd862e3fe1be46a994272793",
        ] {
            assert_eq!(RemoteParent::parse(header).trace_id, None, "{header}");
        }
    }

    #[test]
    fn a_header_that_is_written_reads_back() {
        let (trace, span) = expected(None).complete().unwrap();

        for sampled in [true, false] {
            assert_eq!(RemoteParent::parse(&x_ray_header(trace, span, sampled)), expected(Some(sampled)));
        }
    }
}
