//! Integration tests of the `durable` command, run as a process with its function as another process.

#[cfg(test)]
mod aws;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod builds;
#[cfg(test)]
mod client;
#[cfg(test)]
mod dev;
#[cfg(test)]
mod edited;
#[cfg(test)]
mod export;
#[cfg(test)]
mod guest;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod offline;
#[cfg(test)]
mod open_files;
#[cfg(test)]
mod place;
#[cfg(test)]
mod private_files;
#[cfg(test)]
mod project;
#[cfg(test)]
mod refusal;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod role;
#[cfg(test)]
mod run;
#[cfg(test)]
mod running_dev;
#[cfg(test)]
mod rust_log;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod selection;
#[cfg(test)]
mod server;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod unread;
