//! The requirements that have a handler are met, in process and over HTTP.

#[cfg(test)]
mod aws_runner;
#[cfg(test)]
mod http;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod otel;

/// How many of these requirements have a handler at least, so that one that loses its handler does not go unnoticed.
#[cfg(test)]
fn met_before(cases: &[durable_tests::conformance::Case]) -> usize {
    let has_newer = cases.iter().any(|case| case.suite == "general");
    if has_newer { 133 } else { 129 }
}

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
