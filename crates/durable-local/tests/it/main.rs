//! The local service as a whole, from outside.

#[cfg(test)]
mod role;
#[cfg(test)]
mod service;
