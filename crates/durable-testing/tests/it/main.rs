//! Engine and service against each other: every order of completion, every crash, random programs.

#[cfg(test)]
mod answered_maps;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod beside;
#[cfg(test)]
mod by_name;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod combined;
#[cfg(test)]
mod complete_when;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod deadline;
#[cfg(test)]
mod files;
#[cfg(test)]
mod flat;
#[cfg(test)]
mod history;
#[cfg(test)]
mod interplay;
#[cfg(test)]
mod lambda_context;
#[cfg(test)]
mod large;
#[cfg(test)]
mod misuse;
#[cfg(test)]
mod network;
#[cfg(test)]
mod order;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod people;
#[cfg(test)]
mod plugins;
#[cfg(test)]
mod program;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod race;
#[cfg(test)]
mod races;
#[cfg(test)]
mod rebuilt;
#[cfg(test)]
mod saga;
#[cfg(test)]
mod side_by_side;
#[cfg(test)]
mod sightings;
#[cfg(test)]
mod spawned;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod values;
#[cfg(test)]
mod warm;
#[cfg(test)]
mod with_retry;
