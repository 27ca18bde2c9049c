//! What happens to operations during an invocation, for observers such as plugins.

mod notification;
#[expect(clippy::module_inception, reason = "the module is named after its main type")]
mod observation;
mod operation_info;
mod operations;

pub use notification::Notification;
pub use observation::Observation;
pub use operation_info::OperationInfo;
pub use operations::Operations;
