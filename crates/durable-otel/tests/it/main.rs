//! Traces of executions, from an exporter in memory.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod code;
#[cfg(test)]
mod emf;
#[cfg(test)]
mod execution_view;
#[cfg(test)]
mod exported;
#[cfg(test)]
mod invocation_view;
#[cfg(test)]
mod joined;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod record;
#[cfg(test)]
mod sampling;
#[cfg(test)]
mod trees;
#[cfg(test)]
mod written;
