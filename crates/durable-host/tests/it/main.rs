//! Tests of the host on virtual time, over faulty stores.

#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod changed_functions;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod describe;
#[cfg(test)]
mod failing_store;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod heartbeats;
#[cfg(test)]
mod interleavings;
#[cfg(test)]
mod loads;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod panics;
#[cfg(test)]
mod storm;
#[cfg(test)]
mod watch;
