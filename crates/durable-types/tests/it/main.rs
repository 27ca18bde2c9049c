//! What the types write and read, and what their rules say.

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod arbitrary_api;
#[cfg(test)]
mod arn;
#[cfg(test)]
mod encoded_len;
#[cfg(test)]
mod enums;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod history;
#[cfg(test)]
mod invocation;
#[cfg(test)]
mod nulls;
#[cfg(test)]
mod redaction;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod timestamps;
#[cfg(test)]
mod transition;
#[cfg(test)]
mod update;
#[cfg(test)]
mod validation;
