//! Calls that are not allowed in a handler outside of steps, and their alternatives.

use syn::{ExprMethodCall, Ident, Path};

/// The reason why the outcome of a call differs on replay.
#[derive(Clone, Copy)]
enum Kind {
    Clock,
    Random,
    Environment,
    Task,
    Sleep,
    Timeout,
    Blocking,
    Io,
}

/// Functions, by the last segments of their paths.
struct Functions(&'static [&'static str], &'static [&'static str], Kind);

const FUNCTIONS: &[Functions] = &[
    Functions(&["SystemTime"], &["now"], Kind::Clock),
    Functions(&["Instant"], &["now"], Kind::Clock),
    Functions(&["Utc"], &["now"], Kind::Clock),
    Functions(&["Local"], &["now"], Kind::Clock),
    Functions(&["OffsetDateTime"], &["now_utc", "now_local"], Kind::Clock),
    Functions(&["Zoned"], &["now"], Kind::Clock),
    Functions(&["jiff", "Timestamp"], &["now"], Kind::Clock),
    Functions(&["Uuid"], &["new_v4", "now_v7", "now_v6", "now_v1"], Kind::Random),
    Functions(&["Ulid"], &["new"], Kind::Random),
    Functions(&[], &["thread_rng"], Kind::Random),
    Functions(&["rand"], &["rng", "random", "random_bool", "random_range", "random_ratio"], Kind::Random),
    Functions(&["getrandom"], &["fill"], Kind::Random),
    Functions(&["env"], &["var", "var_os", "vars", "vars_os"], Kind::Environment),
    Functions(&["tokio"], &["spawn"], Kind::Task),
    Functions(&["task"], &["spawn", "spawn_local", "spawn_blocking"], Kind::Task),
    Functions(&["thread"], &["spawn"], Kind::Task),
    Functions(&["time"], &["sleep", "sleep_until", "interval"], Kind::Sleep),
    Functions(&["thread"], &["sleep"], Kind::Sleep),
    Functions(&["time"], &["timeout", "timeout_at"], Kind::Timeout),
    Functions(&["executor"], &["block_on"], Kind::Blocking),
    Functions(&["task"], &["block_in_place"], Kind::Blocking),
    Functions(
        &["fs"],
        &[
            "canonicalize",
            "copy",
            "create_dir",
            "create_dir_all",
            "exists",
            "hard_link",
            "metadata",
            "read",
            "read_dir",
            "read_link",
            "read_to_string",
            "remove_dir",
            "remove_dir_all",
            "remove_file",
            "rename",
            "symlink_metadata",
            "try_exists",
            "write",
        ],
        Kind::Io,
    ),
    Functions(&["File"], &["create", "create_new", "open"], Kind::Io),
    Functions(&["io"], &["stdin"], Kind::Io),
    Functions(&["process", "Command"], &["new"], Kind::Io),
    Functions(&["net"], &["lookup_host"], Kind::Io),
    Functions(&["TcpListener"], &["bind"], Kind::Io),
    Functions(&["TcpStream"], &["connect", "connect_timeout"], Kind::Io),
    Functions(&["UdpSocket"], &["bind"], Kind::Io),
    Functions(&["UnixDatagram"], &["bind"], Kind::Io),
    Functions(&["UnixListener"], &["bind"], Kind::Io),
    Functions(&["UnixStream"], &["connect"], Kind::Io),
    Functions(&["reqwest"], &["get"], Kind::Io),
    Functions(&["blocking"], &["get"], Kind::Io),
    Functions(&["ureq"], &["delete", "get", "head", "patch", "post", "put"], Kind::Io),
    Functions(&["aws_config"], &["from_env", "load_defaults", "load_from_env"], Kind::Io),
    Functions(&["tokio_postgres"], &["connect"], Kind::Io),
    Functions(&["AnyPool"], &["connect"], Kind::Io),
    Functions(&["MySqlPool"], &["connect"], Kind::Io),
    Functions(&["PgPool"], &["connect"], Kind::Io),
    Functions(&["SqlitePool"], &["connect"], Kind::Io),
    Functions(&["rusqlite", "Connection"], &["open"], Kind::Io),
];

/// Methods whose future sends a request, by name and number of arguments: those of the AWS SDK, reqwest, sqlx and
/// `tokio_postgres`.
const REQUESTS: &[(&str, usize)] = &[
    ("send", 0),
    ("execute", 1),
    ("fetch_all", 1),
    ("fetch_one", 1),
    ("fetch_optional", 1),
    ("query_one", 2),
    ("query_opt", 2),
];

/// Macros that select one of several futures without recording the choice.
const SELECTS: &[&str] = &["select", "select_biased"];

/// Returns why a handler must not call this function and what to do instead, or `None` if it may.
pub(super) fn reason(path: &Path) -> Option<String> {
    let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let (name, owners) = names.split_last()?;
    let Functions(path, _, kind) = FUNCTIONS.iter().find(|Functions(path, functions, _)| {
        functions.contains(&name.as_str()) && ends_with(owners, path)
    })?;
    let call: Vec<_> = path.iter().copied().chain([name.as_str()]).collect();
    Some(kind.explain(&call.join("::")))
}

/// Does the same for a method whose future is awaited.
pub(super) fn reason_of_awaited(call: &ExprMethodCall) -> Option<String> {
    let is_request =
        REQUESTS.iter().any(|(name, arguments)| call.method == name && call.args.len() == *arguments);
    is_request.then(|| Kind::Io.explain(&format!(".{}(..)", call.method)))
}

/// Does the same for any other method.
pub(super) fn reason_of_method(method: &Ident) -> Option<String> {
    (method == "block_on").then(|| Kind::Blocking.explain(".block_on(..)"))
}

/// Does the same for a macro.
pub(super) fn reason_of_macro(path: &Path) -> Option<String> {
    let name = path.segments.last().map(|segment| &segment.ident)?;
    is_select(name).then(|| {
        format!(
            "`{name}!` does not record which branch was first, so another one may be when the handler is replayed; \
             use `durable::race!`, which records it"
        )
    })
}

fn is_select(name: &Ident) -> bool {
    SELECTS.iter().any(|select| name == select)
}

impl Kind {
    fn explain(self, call: &str) -> String {
        match self {
            Self::Clock => format!(
                "`{call}` gives another time when the handler is replayed; call it in a step, which records the time"
            ),
            Self::Random => format!(
                "`{call}` gives another value when the handler is replayed; call it in a step, which records the value"
            ),
            Self::Environment => format!(
                "`{call}` may give another value when the handler is replayed; call it in a step, which records the value"
            ),
            Self::Task => format!(
                "`{call}` starts work that replay starts again and suspension cuts off; do the work in a step, \
                 and join operations to run them side by side"
            ),
            Self::Sleep => format!(
                "`{call}` keeps the function running, and sleeps again on replay; use `ctx.wait(name, duration)`"
            ),
            Self::Timeout => format!(
                "`{call}` can end differently when the handler is replayed; put the timeout inside a step"
            ),
            Self::Blocking => format!(
                "`{call}` blocks the operations of the handler, and does so again on each replay; do the work in a step"
            ),
            Self::Io => format!(
                "`{call}` does I/O again on each replay, and its outcome may differ; do it in a step, \
                 which records the outcome"
            ),
        }
    }
}

fn ends_with(names: &[String], end: &[&str]) -> bool {
    names.len() >= end.len()
        && names.iter().rev().zip(end.iter().rev()).all(|(name, expected)| name == expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_of(path: &str) -> Option<String> {
        reason(&syn::parse_str(path).unwrap())
    }

    #[test]
    fn calls_are_found_by_the_end_of_their_path() {
        assert!(
            reason_of("std::time::SystemTime::now")
                .is_some_and(|reason| reason.contains("`SystemTime::now`"))
        );
        assert!(reason_of("::tokio::time::sleep").is_some_and(|reason| reason.contains("ctx.wait")));
        assert!(reason_of("thread_rng").is_some());
        assert!(reason_of("tokio::fs::read").is_some_and(|reason| reason.contains("`fs::read`")));
        assert!(reason_of("std::process::Command::new").is_some_and(|reason| reason.contains("I/O")));
    }

    #[test]
    fn other_functions_with_the_same_last_name_are_not_meant() {
        for path in [
            "now",
            "order.now",
            "Order::now",
            "sleep",
            "workers::spawn",
            "Config::var",
            "rng",
            "read",
            "Command::new",
            "store::get",
        ] {
            let Ok(path) = syn::parse_str(path) else { continue };
            assert!(reason(&path).is_none());
        }
    }

    #[test]
    fn requests_are_told_from_channels_by_their_arguments() {
        let reason_of = |call| reason_of_awaited(&syn::parse_str(call).unwrap());

        assert!(reason_of("client.get_item().table_name(table).send()").is_some());
        assert!(reason_of("query.fetch_one(&pool)").is_some());
        assert!(reason_of("channel.send(order)").is_none());
        assert!(reason_of("orders.fetch_all()").is_none());
    }
}
