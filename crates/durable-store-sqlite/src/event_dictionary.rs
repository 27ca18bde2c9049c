//! The dictionary of the compression of events: text that they typically contain.

/// Typical events. A compressed block refers to this text instead of repeating it.
///
/// # Invariants
/// - It never changes, because recorded blocks refer to it. Another dictionary is a new constant with a new format of
///   blocks.
/// - What is most frequent is at the end: of equal text, the last is referred to.
/// - It is shorter than 2 kB, because each call hashes it.
pub(super) const DICTIONARY: &[u8] = concat!(
    r#"","TraceHeader":"Root=1-","TenantId":","ClientContext":","Endpoint":"http://127.0.0.1:""#,
    r#"{"DeletionRequested":{"PauseRequested":{"ExecutionTimeoutPaused":false,"ExecutionResumed":{"PauseTookEffect":true}}"#,
    r#"{"ExecutionPaused":{"At":17,"Id":"","RequestedAt":17,"Reason":"","StackTrace":["","ErrorData":","RetryAt":17"#,
    r#""RuntimeError","Error":{"HandlerError","Lost"}}Withdrawn"}}Idle"}}"Cancelled":{"Stopped":{"TimedOut":{"Error":{"ErrorMessage":""#,
    r#"MapIteration","ParallelBranch","WithRetry","Saga","Change":{"Context":{"Started":{}}}}}"#,
    r#""SubType":"RunInChildContext","Change":{"Context":{"Succeeded":{"ReplayChildren":true,"Result":""#,
    r#"WaitForCallback","Change":{"Callback":{"Started":{"CallbackId":"","TimeoutSeconds":3600,"HeartbeatTimeoutSeconds":60"#,
    r#""Callback","Change":{"Callback":"HeartbeatReceived"}}}"#,
    r#""ChainedInvoke","Change":{"ChainedInvoke":{"Started":{"FunctionName":"","Input":"{\"","ExecutedVersion":"$LATEST","DurableExecutionArn":""#,
    r#""WaitForCondition","Change":{"Step":{"RetryScheduled":{"Attempt":1,"DelaySeconds":1,"Error":{"ErrorMessage":"","ErrorType":""#,
    r#"","Change":{"Step":"Ready"}}}"Failed":{"Attempt":1,"Error":{"#,
    r#"","Name":"wait","SubType":"Wait","Change":{"Wait":{"Started":{"Seconds":1}}}}}"Change":{"Wait":{"Succeeded":{"Seconds":1"#,
    r#"{"ExecutionStarted":{"At":17,"ExecutionArn":"arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST/durable-execution/"#,
    r#"","Input":"{\"id\":\"\"}","DurableConfig":{},"ExecutionTimeout":31622400,"Synchronous":true,"Synchronous":false,"Headers":{},"Seed":"="}}"#,
    "\n",
    r#"{"InvocationStarted":{"At":17,"Number":1,"RequestId":"{"InvocationCompleted":{"At":17,"StartedAt":17,"RequestId":"","Ending":"Answered"}}"#,
    "\n",
    r#"{"ExecutionEnded":{"At":17,"Id":"","End":{"Failed":{"Error":{"ErrorMessage":"","ErrorType":""#,
    r#"","End":{"Succeeded":{"Result":"\"\""}}}}""#,
    r#"","ParentId":"","Name":"step-0","SubType":"Step","Change":{"Step":"Started"}}}"#,
    "\n",
    r#"{"OperationChanged":{"At":17,"Id":"","Name":"","SubType":"Step","Change":{"Step":{"Succeeded":{"Attempt":1,"Result":"{\"\":\"\"}"}}}}}"#,
    "\n",
    r#"{"Checkpointed":{"At":17,"ClientToken":"","UpdatesDigest":""}}"#,
)
.as_bytes();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_never_changes() {
        let mut digest = 0xcbf2_9ce4_8422_2325_u64;
        for byte in DICTIONARY {
            digest = (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }

        assert_eq!((DICTIONARY.len(), digest), (2041, 10_226_070_644_536_812_182));
    }
}
