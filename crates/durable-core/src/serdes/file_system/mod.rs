//! Values in files: for payloads that are too large for a checkpoint, or that should not leave one's own disks.

mod envelope;
mod failure;
mod file_system_serdes;
mod folder;
mod preview;
mod previous;
mod reference;

pub use file_system_serdes::FileSystemSerdes;
