//! Errors as they are recorded.

use aws_sdk_lambda::types;
use durable_types::ErrorObject;

pub(super) fn from_aws(error: types::ErrorObject) -> ErrorObject {
    let mut object = ErrorObject::default();
    object.error_message = error.error_message;
    object.error_type = error.error_type;
    object.error_data = error.error_data;
    object.stack_trace = error.stack_trace;
    object
}

pub(super) fn to_aws(error: ErrorObject) -> types::ErrorObject {
    types::ErrorObject::builder()
        .set_error_message(error.error_message)
        .set_error_type(error.error_type)
        .set_error_data(error.error_data)
        .set_stack_trace(error.stack_trace)
        .build()
}
