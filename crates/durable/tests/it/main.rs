//! What the attributes make of functions, driven through invocations over a transport in memory.

#[cfg(test)]
mod handler_attribute;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod step_attribute;
#[cfg(test)]
mod step_in_saga;
