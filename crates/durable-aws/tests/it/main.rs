//! Both transports and the client against a service on a local socket, and a whole function against a small Lambda.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod client;
#[cfg(test)]
mod concurrent;
#[cfg(test)]
mod either;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod fake_lambda;
#[cfg(test)]
mod fake_service;
#[cfg(test)]
mod faults;
#[cfg(test)]
#[cfg(unix)]
mod freezes;
#[cfg(test)]
mod function;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod many_checkpoints;
#[cfg(test)]
mod raw_responses;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod same_requests;
#[cfg(test)]
#[cfg(unix)]
mod sandbox;
#[cfg(test)]
mod shapes;
