//! The typed client against the local service, over HTTP, with handlers of this program.

#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod executions;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod starts;
