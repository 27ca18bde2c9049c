//! The caller's span, as a trace header names it.

use crate::span_id::SpanId;
use crate::trace_id::TraceId;

/// What is known of the caller's span.
///
/// ```
/// use durable_trace::RemoteParent;
///
/// let x_ray = RemoteParent::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
/// let w3c = RemoteParent::parse("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
///
/// assert_eq!(x_ray, w3c);
/// assert_eq!(x_ray.is_sampled, Some(true));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemoteParent {
    /// The trace that the span belongs to.
    pub trace_id: Option<TraceId>,
    /// The span.
    pub span_id: Option<SpanId>,
    /// Whether the caller is traced, if it says so.
    pub is_sampled: Option<bool>,
}

impl RemoteParent {
    /// Reads the trace header, or else the W3C `traceparent`, whichever names a trace.
    pub fn of(trace_header: Option<&str>, traceparent: Option<&str>) -> Self {
        let header = trace_header.map(Self::parse).unwrap_or_default();
        if header.trace_id.is_some() {
            return header;
        }
        traceparent.and_then(Self::parse_w3c).unwrap_or_default()
    }

    /// Reads a trace header of X-Ray, or a W3C `traceparent` in its place. A malformed one names nothing.
    pub fn parse(header: &str) -> Self {
        Self::parse_w3c(header).unwrap_or_else(|| Self::parse_x_ray(header))
    }

    /// Returns the caller's trace and span, if both are known.
    pub fn complete(self) -> Option<(TraceId, SpanId)> {
        self.trace_id.zip(self.span_id)
    }

    /// Reads `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, in any order.
    fn parse_x_ray(header: &str) -> Self {
        let mut parent = Self::default();
        for (key, value) in header.split(';').filter_map(|part| part.trim().split_once('=')) {
            match key {
                "Root" => parent.trace_id = x_ray_root(value),
                "Parent" => parent.span_id = SpanId::from_hex(value),
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
            trace_id: Some(TraceId::from_hex(trace)?),
            span_id: Some(SpanId::from_hex(span)?),
            is_sampled: Some(flags & 1 == 1),
        })
    }
}

/// Formats a trace header of X-Ray.
///
/// ```
/// use durable_trace::{RemoteParent, x_ray_header};
///
/// let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
/// let (trace, span) = RemoteParent::parse(header).complete().unwrap();
///
/// assert_eq!(x_ray_header(trace, span, false), header);
/// ```
pub fn x_ray_header(trace_id: TraceId, parent: SpanId, is_sampled: bool) -> String {
    let trace = trace_id.to_string();
    let (time, rest) = trace.split_at_checked(8).unwrap_or_default();
    format!("Root=1-{time}-{rest};Parent={parent};Sampled={}", u8::from(is_sampled))
}

/// Reads `1-<8 hexadecimal digits>-<24>`.
fn x_ray_root(root: &str) -> Option<TraceId> {
    let (time, rest) = root.strip_prefix("1-")?.split_once('-')?;
    (time.len() == 8 && rest.len() == 24).then(|| TraceId::from_hex(&format!("{time}{rest}")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "5759e988bd862e3fe1be46a994272793";
    const SPAN: &str = "53995c3f42cd8ad8";

    fn expected(sampled: Option<bool>) -> RemoteParent {
        RemoteParent {
            trace_id: TraceId::from_hex(TRACE),
            span_id: SpanId::from_hex(SPAN),
            is_sampled: sampled,
        }
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
