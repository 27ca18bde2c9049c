//! Values in files: for payloads that are too large for a checkpoint or must not leave your own disks.

mod digest;
mod envelope;
mod failure;
mod file_system_serdes;
mod folder;
mod preview;
mod previous;
mod reference;

pub use file_system_serdes::FileSystemSerdes;
