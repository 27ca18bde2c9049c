//! A local service for AWS Lambda durable functions: the durable API over HTTP, kept on disk.

pub mod store;
