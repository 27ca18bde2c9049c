//! The parts of the local service, and the service as a whole, from outside.

#[cfg(test)]
mod function;
#[cfg(test)]
mod role;
#[cfg(test)]
mod service;
