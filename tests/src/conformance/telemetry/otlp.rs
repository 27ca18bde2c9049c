//! Spans as OTLP has them.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{self as proto, ResourceSpans};
use prost::{DecodeError, Message};
use serde_json::{Map, Value};

use super::span::{Span, SpanId};

/// Decodes the body of a request to export spans.
pub(crate) fn decode(body: &[u8]) -> Result<Vec<Span>, DecodeError> {
    let request = ExportTraceServiceRequest::decode(body)?;
    Ok(spans(request.resource_spans))
}

/// The spans of several resources.
pub(crate) fn spans(resources: Vec<ResourceSpans>) -> Vec<Span> {
    let mut spans = Vec::new();
    for resource in resources {
        let service_name = resource.resource.and_then(|resource| service_name(&resource.attributes));
        let scopes = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.extend(scopes.map(|exported| span(exported, service_name.clone())));
    }
    spans
}

fn service_name(attributes: &[KeyValue]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.key == "service.name")?;
    json(attribute.value.as_ref()).as_str().map(str::to_owned)
}

fn span(span: proto::Span, service_name: Option<String>) -> Span {
    let kind = SpanKind::try_from(span.kind).unwrap_or_default().as_str_name();
    let code = StatusCode::try_from(span.status.unwrap_or_default().code).unwrap_or_default().as_str_name();
    Span {
        id: SpanId { trace: hex(&span.trace_id), span: hex(&span.span_id) },
        parent_span_id: (!span.parent_span_id.is_empty()).then(|| hex(&span.parent_span_id)),
        name: span.name,
        kind: kind.trim_start_matches("SPAN_KIND_").to_owned(),
        status: code.trim_start_matches("STATUS_CODE_").to_owned(),
        start: span.start_time_unix_nano,
        end: span.end_time_unix_nano,
        attributes: object(&span.attributes),
        links: span
            .links
            .iter()
            .map(|link| SpanId { trace: hex(&link.trace_id), span: hex(&link.span_id) })
            .collect(),
        service_name,
    }
}

fn object(attributes: &[KeyValue]) -> Map<String, Value> {
    attributes.iter().map(|attribute| (attribute.key.clone(), json(attribute.value.as_ref()))).collect()
}

fn json(value: Option<&AnyValue>) -> Value {
    match value.and_then(|value| value.value.as_ref()) {
        None => Value::Null,
        Some(any_value::Value::StringValue(text)) => Value::from(text.as_str()),
        Some(any_value::Value::BoolValue(value)) => Value::from(*value),
        Some(any_value::Value::IntValue(value)) => Value::from(*value),
        Some(any_value::Value::DoubleValue(value)) => Value::from(*value),
        Some(any_value::Value::ArrayValue(array)) => {
            array.values.iter().map(|value| json(Some(value))).collect()
        }
        Some(any_value::Value::KvlistValue(list)) => Value::Object(object(&list.values)),
        Some(any_value::Value::BytesValue(bytes)) => Value::from(hex(bytes)),
        Some(any_value::Value::StringValueStrindex(index)) => Value::from(*index),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::resource::v1::Resource;
    use opentelemetry_proto::tonic::trace::v1::span::Link;
    use opentelemetry_proto::tonic::trace::v1::{ScopeSpans, Status};
    use serde_json::json;

    use super::*;

    fn attribute(key: &str, value: any_value::Value) -> KeyValue {
        KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..Default::default() }
    }

    fn exported() -> proto::Span {
        proto::Span {
            trace_id: vec![0xab; 16],
            span_id: vec![1; 8],
            parent_span_id: vec![2; 8],
            name: "charge".to_owned(),
            kind: SpanKind::Internal as i32,
            start_time_unix_nano: 5,
            end_time_unix_nano: 7,
            attributes: vec![
                attribute("a", any_value::Value::StringValue("x".to_owned())),
                attribute("b", any_value::Value::BoolValue(true)),
                attribute("c", any_value::Value::IntValue(2)),
            ],
            links: vec![Link { trace_id: vec![0xcd; 16], span_id: vec![3; 8], ..Link::default() }],
            status: Some(Status { code: StatusCode::Error as i32, message: "it fails".to_owned() }),
            ..proto::Span::default()
        }
    }

    fn request(span: proto::Span) -> Vec<u8> {
        let name = attribute("service.name", any_value::Value::StringValue("suite".to_owned()));
        let resource = Resource { attributes: vec![name], ..Resource::default() };
        let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
        let resource = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
        ExportTraceServiceRequest { resource_spans: vec![resource] }.encode_to_vec()
    }

    #[test]
    fn a_span_is_decoded_with_all_that_assertions_are_about() {
        let spans = decode(&request(exported())).unwrap();

        let id = |trace: &str, span: &str| SpanId { trace: trace.repeat(16), span: span.repeat(8) };
        let expected = Span {
            id: id("ab", "01"),
            parent_span_id: Some("02".repeat(8)),
            name: "charge".to_owned(),
            kind: "INTERNAL".to_owned(),
            status: "ERROR".to_owned(),
            start: 5,
            end: 7,
            attributes: json!({"a": "x", "b": true, "c": 2}).as_object().unwrap().clone(),
            links: vec![id("cd", "03")],
            service_name: Some("suite".to_owned()),
        };
        assert_eq!(spans, [expected]);
    }

    #[test]
    fn a_span_without_parent_and_status_has_none() {
        let span = proto::Span { parent_span_id: Vec::new(), status: None, ..exported() };

        let spans = decode(&request(span)).unwrap();

        assert_eq!((spans[0].parent_span_id.as_ref(), spans[0].status.as_str()), (None, "UNSET"));
    }

    #[test]
    fn a_body_that_is_no_request_is_an_error() {
        assert!(decode(b"no spans").is_err());
    }
}
