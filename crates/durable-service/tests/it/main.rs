//! Integration tests of the rules of the service, one file per topic.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod contexts;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod deletions;
#[cfg(test)]
mod delta;
#[cfg(test)]
mod dispatcher;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod history;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pauses;
#[cfg(test)]
mod payloads;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod quotas;
#[cfg(test)]
mod random;
#[cfg(test)]
mod rejections;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod start;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod timeouts;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod waits;
