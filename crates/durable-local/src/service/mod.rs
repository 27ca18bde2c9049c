//! The service as a whole: functions, executions and the way in over HTTP.

mod address;
mod elsewhere;
mod error;
mod function;
mod functions;
mod history;
mod local_service;
mod logged;
mod output_tails;
mod panic;
mod settings;
mod start;
mod state;
mod wait;
mod watch;

pub use address::{address_file, read_address};
pub use error::{ExecutionLost, StartError};
pub use function::InProcessFunction;
pub(crate) use function::RunningFunction;
pub(crate) use functions::Functions;
pub use local_service::LocalService;
pub(crate) use output_tails::OutputTail;
pub use settings::{FunctionCode, FunctionDefinition, Resume, Settings};
pub use start::ExecutionStart;
pub use state::is_function_name;
pub(crate) use state::{Service, function_not_found};
pub use watch::ExecutionWatch;
