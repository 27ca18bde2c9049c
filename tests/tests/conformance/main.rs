//! The requirements that have a handler are met, in process and over HTTP.

#[cfg(test)]
mod aws_runner;
#[cfg(test)]
mod http;
#[cfg(test)]
mod memory;

/// How many requirements were met before; one that loses its handler must not go unnoticed.
#[cfg(test)]
const MET: usize = 111;

/// The requirements, if the environment lists their folders.
#[cfg(test)]
fn suite() -> Option<Vec<durable_tests::conformance::Case>> {
    let Some(folders) = std::env::var_os("DURABLE_CONFORMANCE_SUITE") else {
        println!("skipped: DURABLE_CONFORMANCE_SUITE lists no folders with requirements");
        return None;
    };
    let folders: Vec<_> = std::env::split_paths(&folders).collect();
    Some(durable_tests::conformance::load(&folders).unwrap())
}
