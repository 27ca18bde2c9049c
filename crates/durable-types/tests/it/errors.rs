//! The errors that operations end with, and those that the service answers with.

use durable_types::ErrorObject;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde_json::json;

#[test]
fn every_member_of_an_error_is_optional() {
    let nothing: ErrorObject = serde_json::from_value(json!({})).unwrap();
    let nulls: ErrorObject = serde_json::from_value(
        json!({"ErrorMessage": null, "ErrorType": null, "ErrorData": null, "StackTrace": null}),
    )
    .unwrap();

    assert_eq!(nothing, ErrorObject::default());
    assert_eq!(nulls, ErrorObject::default());
    assert_eq!(serde_json::to_value(&nothing).unwrap(), json!({}));
}

#[test]
fn the_members_of_an_error_have_the_names_of_the_service() {
    let mut error = ErrorObject::new("PaymentError", "card declined").with_data("{\"code\":7}");
    error.stack_trace = Some(vec!["charge".to_owned(), "fulfil".to_owned()]);

    let json = serde_json::to_value(&error).unwrap();

    let expected = json!({
        "ErrorMessage": "card declined",
        "ErrorType": "PaymentError",
        "ErrorData": "{\"code\":7}",
        "StackTrace": ["charge", "fulfil"],
    });
    assert_eq!(json, expected);
}

#[test]
fn members_that_the_service_adds_are_ignored() {
    let error: ErrorObject =
        serde_json::from_value(json!({"ErrorType": "PaymentError", "Severity": {"Level": 3}})).unwrap();

    assert_eq!(error.error_type.as_deref(), Some("PaymentError"));
}

#[test]
fn the_size_of_an_error_counts_all_its_members() {
    let mut error = ErrorObject::new("ab", "cde").with_data("fghi");
    error.stack_trace = Some(vec!["k".to_owned(), "lm".to_owned()]);

    assert_eq!(error.len(), 12);
}

#[test]
fn an_error_of_the_service_says_whose_fault_it_is() {
    let faults: Vec<_> = ServiceErrorKind::KNOWN
        .iter()
        .filter(|kind| !kind.is_client_fault())
        .map(ServiceErrorKind::as_str)
        .collect();

    let expected = [
        "ServiceException",
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSInvalidStateException",
        "KMSNotFoundException",
    ];
    assert_eq!(faults, expected);
    assert_eq!(ServiceError::invalid("no").kind.http_status(), 400);
    assert_eq!(ServiceErrorKind::CallbackTimeout.http_status(), 400);
}
