//! The engine through its public surface: claims in, outputs out.

#[cfg(test)]
mod asked;
#[cfg(test)]
mod barrier;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod deadline;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod order;
#[cfg(test)]
mod prefixes;
#[cfg(test)]
mod session;
#[cfg(test)]
mod step;
#[cfg(test)]
mod suspension;
