//! Access to the details of an operation of a known type.

use super::details::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};
use super::operation_details::OperationDetails;
use super::record::Operation;
use crate::error_object::ErrorObject;

/// Implements the access to the details of one type of operation.
macro_rules! details_of_type {
    ($($Kind:ident($Details:ident), $get:ident, $get_mut:ident, $take:ident, $what:literal;)*) => {$(
        impl From<$Details> for OperationDetails {
            fn from(details: $Details) -> Self {
                Self::$Kind(details)
            }
        }

        impl Operation {
            #[doc = concat!("Returns the details of ", $what, ", if they are set.")]
            pub fn $get(&self) -> Option<&$Details> {
                let Some(OperationDetails::$Kind(details)) = &self.details else { return None };
                Some(details)
            }

            #[doc = concat!("Returns the details of ", $what, " for modification, if they are set.")]
            pub fn $get_mut(&mut self) -> Option<&mut $Details> {
                let Some(OperationDetails::$Kind(details)) = &mut self.details else { return None };
                Some(details)
            }

            #[doc = concat!("Takes the details of ", $what, ", or the default if they are not set.")]
            pub fn $take(&mut self) -> $Details {
                match self.details.take() {
                    Some(OperationDetails::$Kind(details)) => details,
                    other => {
                        self.details = other;
                        $Details::default()
                    }
                }
            }
        }
    )*};
}

details_of_type! {
    Execution(ExecutionDetails), execution_details, execution_details_mut, take_execution_details, "the execution itself";
    Context(ContextDetails), context_details, context_details_mut, take_context_details, "a context";
    Step(StepDetails), step_details, step_details_mut, take_step_details, "a step";
    Wait(WaitDetails), wait_details, wait_details_mut, take_wait_details, "a wait";
    Callback(CallbackDetails), callback_details, callback_details_mut, take_callback_details, "a callback";
    ChainedInvoke(ChainedInvokeDetails), chained_invoke_details, chained_invoke_details_mut, take_chained_invoke_details, "a chained invoke";
}

impl Operation {
    /// Returns the result, if it has one: that of an operation that succeeded, or the state of a condition.
    ///
    /// A result may be missing from an operation that succeeded, because the code returned nothing or the record was read
    /// without execution data.
    pub fn result(&self) -> Option<&str> {
        match self.details.as_ref()? {
            OperationDetails::Context(details) => details.result.as_deref(),
            OperationDetails::Step(details) => details.result.as_deref(),
            OperationDetails::Callback(details) => details.result.as_deref(),
            OperationDetails::ChainedInvoke(details) => details.result.as_deref(),
            OperationDetails::Execution(_) | OperationDetails::Wait(_) => None,
        }
    }

    /// Returns the error with which it failed, or that of the last attempt of a step that will be retried.
    pub fn error(&self) -> Option<&ErrorObject> {
        match self.details.as_ref()? {
            OperationDetails::Context(details) => details.error.as_deref(),
            OperationDetails::Step(details) => details.error.as_deref(),
            OperationDetails::Callback(details) => details.error.as_deref(),
            OperationDetails::ChainedInvoke(details) => details.error.as_deref(),
            OperationDetails::Execution(_) | OperationDetails::Wait(_) => None,
        }
    }
}
