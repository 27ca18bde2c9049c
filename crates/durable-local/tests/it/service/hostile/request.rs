//! Requests made of what the service knows and of what it cannot know.

use std::fmt;
use std::net::SocketAddr;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::super::client::encoded;

/// Paths that are none of Lambda's.
const BESIDES: [&str; 6] = [
    "/",
    "/health",
    "/start-durable-execution",
    "/lambda-endpoint",
    "/durable/executions",
    "/durable/executions/a/record",
];

/// Stands for the token with which the next checkpoint is recorded, as long as there is one.
const TOKEN: &str = "the-next-token";

/// What exists in the service.
pub(super) struct Known {
    /// Executions that anything may happen to.
    pub(super) arns: Vec<String>,
    /// One that runs, to which nothing happens but checkpoints.
    pub(super) running: String,
    pub(super) callback_id: String,
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
    /// The request with the token of the next checkpoint.
    pub(super) fn with_token(mut self, token: &str) -> Self {
        if let Ok(body) = std::str::from_utf8(&self.body) {
            self.body = body.replace(TOKEN, token).into_bytes();
        }
        self
    }

    /// The path, as it is sent.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

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
    let parts = (method(), path(known), vec(parameter(), 0..4), vec(header(), 0..4), body());
    let any = parts.prop_map(|(method, path, query, headers, body)| {
        let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        Request { method, target, headers, body }
    });
    let target = format!("/2025-12-01/durable-executions/{}/checkpoint", encoded(&known.running));
    let checkpoint = checkpoint(prop_oneof![4 => sound_update(), 1 => update()]);
    let checkpoint = checkpoint.prop_map(move |body| Request {
        method: "POST".to_owned(),
        target: target.clone(),
        headers: Vec::new(),
        body,
    });
    prop_oneof![3 => any, 1 => checkpoint]
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

fn body() -> impl Strategy<Value = Vec<u8>> {
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
        8 => checkpoint(update()),
        1 => select(large).prop_map(|(text, times)| text.repeat(times).into_bytes()),
    ]
}

/// A checkpoint, mostly with a token that is right.
fn checkpoint(update: impl Strategy<Value = Value>) -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![8 => Just(TOKEN.to_owned()), 1 => any::<Index>().prop_map(|at| cut((TOKEN.to_owned(), at)))];
    (token, vec(update, 0..4)).prop_map(|(token, updates)| {
        json!({ "CheckpointToken": token, "Updates": updates }).to_string().into_bytes()
    })
}

/// An update that is right where it comes in time.
fn sound_update() -> impl Strategy<Value = Value> {
    let seconds = || prop_oneof![1..5_u64, Just(31_622_400)];
    let parent = prop_oneof![3 => Just(json!(null)), 1 => "[a-e]".prop_map(|id| json!(id))];
    let specific = prop_oneof![
        select(vec!["START", "SUCCEED"])
            .prop_map(|action| json!({ "Type": "STEP", "Action": action, "Payload": "1" })),
        seconds().prop_map(|seconds| {
            let options = json!({ "NextAttemptDelaySeconds": seconds });
            json!({ "Type": "STEP", "Action": "RETRY", "Payload": "1", "StepOptions": options })
        }),
        seconds().prop_map(|seconds| {
            json!({ "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": seconds } })
        }),
        Just(json!({ "Type": "WAIT", "Action": "CANCEL" })),
        seconds().prop_map(|seconds| {
            let options = json!({ "TimeoutSeconds": seconds, "HeartbeatTimeoutSeconds": 1 });
            json!({ "Type": "CALLBACK", "Action": "START", "CallbackOptions": options })
        }),
        select(vec!["START", "SUCCEED"]).prop_map(|action| json!({ "Type": "CONTEXT", "Action": action })),
        select(vec!["order:1", "order", "nobody:1"]).prop_map(|function| {
            let options = json!({ "FunctionName": function });
            json!({ "Type": "CHAINED_INVOKE", "Action": "START", "Payload": "1", "ChainedInvokeOptions": options })
        }),
    ];
    ("[a-z]{1,2}", parent, specific).prop_map(|(id, parent, mut update)| {
        update["Id"] = json!(id);
        update["ParentId"] = parent;
        update
    })
}

/// An update that is right in part.
fn update() -> impl Strategy<Value = Value> {
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
