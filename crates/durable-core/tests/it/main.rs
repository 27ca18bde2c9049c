//! The behaviour of contexts, operations and the driver, over a transport in memory.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod at_most_once;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod callback;
#[cfg(test)]
mod child_context;
#[cfg(test)]
mod complete_when;
#[cfg(test)]
mod conditions;
#[cfg(test)]
mod context_serdes;
#[cfg(test)]
mod dropped;
#[cfg(test)]
mod every_kind;
#[cfg(test)]
mod file_system;
#[cfg(test)]
mod file_system_records;
#[cfg(test)]
mod invoke;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod live_and_replay;
#[cfg(test)]
mod logging;
#[cfg(test)]
mod lookalikes;
#[cfg(test)]
mod many_at_once;
#[cfg(test)]
mod map;
#[cfg(test)]
mod nesting;
#[cfg(test)]
mod nulls;
#[cfg(test)]
mod open_parallel;
#[cfg(test)]
mod parallel;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod replaying;
#[cfg(test)]
mod retry_policy;
#[cfg(test)]
mod saga;
#[cfg(test)]
mod serdes;
#[cfg(test)]
mod step;
#[cfg(test)]
mod step_options;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod updates;
#[cfg(test)]
mod wait;
#[cfg(test)]
mod wait_for_condition;
#[cfg(test)]
mod with_retry;
