//! Requests made of what the service knows and of what it cannot know.

use std::fmt;
use std::net::SocketAddr;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;

use super::super::client::encoded;

/// Paths that are none of Lambda's.
const BESIDES: [&str; 5] =
    ["/", "/health", "/start-durable-execution", "/durable/executions", "/durable/executions/a/record"];

/// What exists in the service.
pub(super) struct Known {
    pub(super) arns: Vec<String>,
    pub(super) callback_id: String,
    pub(super) token: String,
}

/// A request, right or wrong.
#[derive(Clone)]
pub(super) struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.has("host") {
            head.push_str(&format!("host: {address}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("connection: close\r\ncontent-length: {}\r\n\r\n", self.body.len()));
        [head.as_bytes(), &self.body].concat()
    }

    /// Whether the service may refuse it while it is still being sent, so that the refusal can get lost.
    pub(super) fn is_cut_off(&self) -> bool {
        self.body.len() > 100_000 || self.target.len() > 10_000
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known == name)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let shown: String = body.chars().take(500).collect();
        write!(f, "{} {} {:?} {} bytes: {shown}", self.method, self.target, self.headers, self.body.len())
    }
}

/// Any request that makes use of what exists, as often as of anything else.
pub(super) fn requests(known: &Known) -> impl Strategy<Value = Request> + use<> {
    let body = body(known);
    let parts = (method(), path(known), vec(parameter(), 0..4), vec(header(), 0..4), body);
    parts.prop_map(|(method, path, query, headers, body)| {
        let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        Request { method, target, headers, body }
    })
}

/// Mostly those of the API.
fn method() -> impl Strategy<Value = String> {
    let methods =
        vec!["GET", "POST", "POST", "POST", "GET", "DELETE", "PUT", "HEAD", "OPTIONS", "PATCH", "BREW"];
    select(methods).prop_map(str::to_owned)
}

/// Text that something may stumble over, as it stands in a path.
fn odd() -> impl Strategy<Value = String> {
    let odd = vec![
        "",
        "%",
        "%2",
        "%zz",
        "%00",
        "%ff%fe",
        "%2e%2e%2f%2e%2e",
        "..",
        ".",
        "%252F",
        "%25",
        "a%2Fb",
        "*",
        "$LATEST",
        "%0d%0aX:%20y",
        "\u{e9}",
        "-1",
        "null",
        "arn:aws:lambda",
        "%E2%80%AE",
        "+",
        "order:$LATEST:x",
        "'--",
        "#",
    ];
    prop_oneof![
        4 => select(odd).prop_map(str::to_owned),
        2 => "[!-~]{1,40}".prop_map(|text: String| text.replace('?', "")),
        1 => (1_usize..70_000).prop_map(|length| "a".repeat(length)),
    ]
}

/// A path of the API with what belongs there or something else, or something else altogether.
fn path(known: &Known) -> impl Strategy<Value = String> + use<> {
    let arns: Vec<String> = known.arns.iter().map(|arn| encoded(arn)).collect();
    let functions =
        vec!["order", "order:$LATEST", "nobody", "arn:aws:lambda:us-east-1:000000000000:function:order"];
    let function = prop_oneof![3 => select(functions).prop_map(str::to_owned), 1 => odd()];
    let arn =
        prop_oneof![3 => select(arns.clone()), 1 => (select(arns), any::<Index>()).prop_map(cut), 1 => odd()];
    let id = encoded(&known.callback_id);
    let id = prop_oneof![2 => Just(id.clone()), 1 => any::<Index>().prop_map(move |at| cut((id.clone(), at))), 1 => odd()];
    let execution = select(vec!["", "/history", "/state", "/stop", "/checkpoint", "/pause", "/resume", "/x"]);
    let answer = select(vec!["succeed", "fail", "heartbeat", "x"]);
    prop_oneof![
        2 => function.clone().prop_map(|function| format!("/2015-03-31/functions/{function}/invocations")),
        1 => function.prop_map(|function| format!("/2025-12-01/functions/{function}/durable-executions")),
        4 => (arn, execution).prop_map(|(arn, word)| format!("/2025-12-01/durable-executions/{arn}{word}")),
        2 => (id, answer).prop_map(|(id, word)| format!("/2025-12-01/durable-execution-callbacks/{id}/{word}")),
        1 => select(BESIDES.to_vec()).prop_map(str::to_owned),
        1 => vec(odd(), 0..6).prop_map(|segments| format!("/{}", segments.join("/"))),
    ]
}

/// The beginning of a text.
fn cut((text, at): (String, Index)) -> String {
    text[..at.index(text.len())].to_owned()
}

fn parameter() -> impl Strategy<Value = String> {
    let names = vec![
        "Qualifier",
        "MaxItems",
        "Marker",
        "ReverseOrder",
        "IncludeExecutionData",
        "Statuses",
        "StartedAfter",
        "StartedBefore",
        "CheckpointToken",
        "DurableExecutionName",
        "x",
    ];
    let values = vec![
        "%24LATEST",
        "1",
        "0",
        "-1",
        "99999999999",
        "true",
        "RUNNING",
        "1e308",
        "NaN",
        "AAAA",
        "%3D%3D",
        "",
    ];
    let value = prop_oneof![3 => select(values).prop_map(str::to_owned), 1 => odd()];
    (select(names), value).prop_map(|(name, value)| format!("{name}={value}"))
}

fn header() -> impl Strategy<Value = (String, String)> {
    let names = vec![
        "x-amz-invocation-type",
        "x-amz-durable-execution-name",
        "x-amz-tenant-id",
        "x-amz-log-type",
        "x-amz-client-context",
        "x-amzn-trace-id",
        "content-type",
        "host",
        "origin",
        "content-encoding",
        "authorization",
        "expect",
        "x-amz-content-sha256",
        "x-amz-target",
    ];
    let values = vec![
        "Event",
        "Logs_20140328.FilterLogEvents",
        "DryRun",
        "RequestResponse",
        "Tail",
        "application/cbor",
        "localhost",
        "evil.example",
        "[::1",
        ":",
        "gzip",
        "null",
        "../../a",
        "100-continue",
        "a b",
        "",
    ];
    let value = prop_oneof![3 => select(values).prop_map(str::to_owned), 1 => "[ -~]{0,200}"];
    (select(names).prop_map(str::to_owned), value)
}

fn body(known: &Known) -> impl Strategy<Value = Vec<u8>> + use<> {
    let texts = vec![
        "",
        "null",
        "{}",
        "[",
        "{\"a\":",
        "\u{0}",
        "\"\\ud800\"",
        "1e999",
        "[1] x",
        "{\"Updates\":5}",
        "\u{feff}{}",
        "{\"CheckpointToken\":\"AAAA\",\"Updates\":[]}",
        "{\"ErrorType\":5}",
        "{\"ErrorMessage\":\"x\"}",
    ];
    let large = vec![("[", 200_000), ("{\"a\":", 50_000), (" ", 20 << 20), ("\"", 7 << 20)];
    prop_oneof![
        4 => select(texts).prop_map(|text| text.as_bytes().to_vec()),
        2 => vec(any::<u8>(), 0..300),
        8 => checkpoint(known.token.clone()),
        1 => select(large).prop_map(|(text, times)| text.repeat(times).into_bytes()),
    ]
}

/// A checkpoint, mostly with a token that is right, of updates that are right in part.
fn checkpoint(token: String) -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![4 => Just(token.clone()), 1 => any::<Index>().prop_map(move |at| cut((token.clone(), at)))];
    (token, vec(update(), 0..4)).prop_map(|(token, updates)| {
        json!({ "CheckpointToken": token, "Updates": updates }).to_string().into_bytes()
    })
}

fn update() -> impl Strategy<Value = serde_json::Value> {
    let types = vec!["STEP", "WAIT", "CALLBACK", "CONTEXT", "CHAINED_INVOKE", "EXECUTION", "DREAM"];
    let actions = vec!["START", "SUCCEED", "FAIL", "RETRY", "CANCEL", "SLEEP"];
    let seconds = prop_oneof![
        Just(json!(1)),
        Just(json!(-1)),
        Just(json!(u64::MAX)),
        Just(json!("1")),
        Just(json!(1.5))
    ];
    let text = prop_oneof![
        Just(json!("a")),
        Just(json!("b")),
        Just(json!("")),
        Just(json!(null)),
        Just(json!(5)),
        Just(json!("a/b\u{0}")),
        Just(json!("x".repeat(300))),
    ];
    (select(types), select(actions), seconds, vec(text, 4)).prop_map(
        |(operation_type, action, seconds, texts)| {
            json!({
                "Id": texts[0], "Type": operation_type, "Action": action, "Name": texts[1], "ParentId": texts[2],
                "Payload": texts[3],
                "WaitOptions": { "WaitSeconds": seconds },
                "StepOptions": { "NextAttemptDelaySeconds": seconds },
                "CallbackOptions": { "TimeoutSeconds": seconds },
                "ChainedInvokeOptions": { "FunctionName": texts[0] },
            })
        },
    )
}
