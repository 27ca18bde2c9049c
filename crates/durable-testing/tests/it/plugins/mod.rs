//! Plugins: which hooks are called, when, and with what.

mod isolation;
mod lifecycle;
mod lines;
mod order;
mod recorder;
mod replay;
mod spans;
mod trace_headers;
