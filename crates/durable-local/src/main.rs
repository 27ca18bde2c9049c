//! The `durable` command.

fn main() {}
