//! The requirements that are implemented are met, in process.

#[cfg(test)]
mod memory;
