//! The `durable` command: runs, serves and inspects durable functions from a terminal.
//!
//! `durable run` and `durable dev` embed the local service of [`durable_local`]. The other subcommands are clients of a
//! running local service or of AWS Lambda; with `--offline` they read a data folder.
//!
//! [`run_command`] is the whole command, for programs that build it along with others.

mod arguments;
mod backup;
mod build_error;
mod callback;
mod cargo_build;
mod cargo_command;
mod cargo_target;
mod changes;
mod choice;
mod clock;
mod command;
mod completions;
mod config;
mod delete;
mod dev;
mod display;
mod enumeration;
mod exit;
mod export;
mod export_file;
mod failure;
mod functions;
mod history;
mod import;
mod input;
mod interrupts;
mod invoke;
mod launch;
mod list;
mod logs;
mod messages;
mod pause;
mod preflight;
mod reload;
mod remote;
mod resume;
mod run;
mod runtime;
mod secret;
mod selection;
mod served_file;
mod served_function;
mod session;
mod show;
mod sources;
mod stop;
mod style;
mod time_format;
mod visible;
mod watch;
mod watched;

pub use command::run_command;
