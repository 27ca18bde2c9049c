//! What users ask for by mistake: a typed error that names the operation, and nothing that is tried in vain.

mod failures;
mod limits;
mod names;
mod options;
mod panics;
mod records;
mod values;

/// The type and the text of the error that an operation failed with.
macro_rules! told {
    ($operation:expr) => {{
        let error = $operation.await.err().expect("it fails");
        (error.error_type().to_owned(), error.to_string())
    }};
}

pub(super) use told;
