//! Executions of every kind while the service and its functions are killed at random moments; in real time.

#[cfg(test)]
mod acknowledged;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod job;
#[cfg(test)]
mod killed_at_random;
#[cfg(test)]
mod log;
#[cfg(test)]
mod moment;
#[cfg(test)]
mod run;
#[cfg(test)]
mod service;
#[cfg(test)]
mod verdict;
