//! Descriptions of exit statuses, in Lambda's wording.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Describes the exit status of a function's process.
pub(super) fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(signal)) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
        (None, None) => "Runtime exited with error: unknown status".to_owned(),
    }
}

/// Returns Lambda's description of a signal. Numbers up to 15 are the same on all Unix systems.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_the_words_of_lambda() {
        let described: Vec<_> = [0, 1 << 8, 127 << 8, 9, 11]
            .map(|raw| describe(ExitStatus::from_raw(raw)))
            .into_iter()
            .map(|text| text.replace("Runtime exited with error: ", ""))
            .collect();

        assert_eq!(
            described,
            [
                "Runtime exited without providing a reason",
                "exit status 1",
                "exit status 127",
                "signal: killed",
                "signal: segmentation fault",
            ]
        );
    }
}
