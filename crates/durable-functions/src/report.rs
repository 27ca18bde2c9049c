//! The log lines that Lambda adds for each invocation.

use std::fmt;
use std::fs;
use std::time::Duration;

/// Formats the line that precedes the output of an invocation.
pub(super) fn start(request_id: &str, function_arn: &str) -> String {
    // A version or an alias is the eighth part of the ARN.
    let version = function_arn.splitn(8, ':').nth(7).unwrap_or("$LATEST");
    format!("START RequestId: {request_id} Version: {version}")
}

/// Formats the line that follows the output of an invocation.
pub(super) fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

/// The line that reports the resource usage of an invocation.
pub(super) struct Report<'a> {
    pub(super) request_id: &'a str,
    pub(super) duration: Duration,
    pub(super) memory_mb: u32,
    /// The peak memory of the process so far, if the system reports it.
    pub(super) max_memory_mb: Option<u64>,
    /// The init duration of the process, if the process was started for this invocation.
    pub(super) start_duration: Option<Duration>,
    pub(super) outcome: Outcome<'a>,
}

/// The outcome of an invocation, as the log reports it.
#[derive(Clone, Copy)]
pub(super) enum Outcome<'a> {
    /// The function responded, possibly with an error.
    Answered,
    /// The process was killed because the invocation timed out.
    TimedOut,
    /// The process exited, with an error of this type.
    Ended { error_type: &'a str },
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |duration: Duration| duration.as_secs_f64() * 1_000.0;
        let billed = self.duration.saturating_add(self.start_duration.unwrap_or_default());
        let billed = billed.as_micros().div_ceil(1_000);
        write!(f, "REPORT RequestId: {}\tDuration: {:.2} ms\t", self.request_id, millis(self.duration))?;
        write!(f, "Billed Duration: {billed} ms\tMemory Size: {} MB\t", self.memory_mb)?;
        if let Some(memory) = self.max_memory_mb {
            write!(f, "Max Memory Used: {memory} MB\t")?;
        }
        if let Some(start) = self.start_duration {
            write!(f, "Init Duration: {:.2} ms\t", millis(start))?;
        }
        match self.outcome {
            Outcome::Answered => Ok(()),
            Outcome::TimedOut => f.write_str("Status: timeout"),
            Outcome::Ended { error_type } => write!(f, "Status: error\tError Type: {error_type}"),
        }
    }
}

/// Returns the peak memory of a process in MB, on systems with a proc filesystem.
pub(super) fn max_memory_mb(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"))?;
    Some(kilobytes.trim().parse::<u64>().ok()?.div_ceil(1_024))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:order";

    fn report(outcome: Outcome<'_>) -> Report<'_> {
        Report {
            request_id: "r-1",
            duration: Duration::from_micros(1_234),
            memory_mb: 128,
            max_memory_mb: Some(35),
            start_duration: None,
            outcome,
        }
    }

    #[test]
    fn the_begin_of_an_invocation_names_the_version() {
        assert_eq!(start("r-1", ARN), "START RequestId: r-1 Version: $LATEST");
        assert_eq!(start("r-1", &format!("{ARN}:7")), "START RequestId: r-1 Version: 7");
    }

    #[test]
    fn a_report_reads_as_lambda_writes_it() {
        let warm = report(Outcome::Answered);
        let cold = Report {
            max_memory_mb: None,
            start_duration: Some(Duration::from_millis(120)),
            ..report(Outcome::TimedOut)
        };
        let ended = report(Outcome::Ended { error_type: "Runtime.ExitError" });

        assert_eq!(
            warm.to_string(),
            "REPORT RequestId: r-1\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 35 MB\t"
        );
        assert_eq!(
            cold.to_string(),
            "REPORT RequestId: r-1\tDuration: 1.23 ms\tBilled Duration: 122 ms\tMemory Size: 128 MB\t\
             Init Duration: 120.00 ms\tStatus: timeout"
        );
        assert!(ended.to_string().ends_with("35 MB\tStatus: error\tError Type: Runtime.ExitError"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_memory_of_a_process_is_told() {
        assert!(max_memory_mb(std::process::id()).is_some_and(|memory| memory > 0));
        assert_eq!(max_memory_mb(0), None);
    }
}
