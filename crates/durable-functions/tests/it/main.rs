//! Tests of functions that run as child processes, through the public API.

#[cfg(test)]
mod ending;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod guest;
#[cfg(test)]
mod invoke;
#[cfg(test)]
mod orphan;
#[cfg(test)]
mod pooling;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod role;
#[cfg(test)]
mod start;
