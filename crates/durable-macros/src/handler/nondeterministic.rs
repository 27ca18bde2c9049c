//! The calls that a handler must not make outside of steps, and what to do instead.

use syn::Path;

/// What makes a call come out differently on replay.
#[derive(Clone, Copy)]
enum Kind {
    Clock,
    Random,
    Environment,
    Task,
    Sleep,
    Timeout,
}

/// The last names of a path, and what it means to call it.
const CALLS: &[(&[&str], Kind)] = &[
    (&["SystemTime", "now"], Kind::Clock),
    (&["Instant", "now"], Kind::Clock),
    (&["Utc", "now"], Kind::Clock),
    (&["Local", "now"], Kind::Clock),
    (&["OffsetDateTime", "now_utc"], Kind::Clock),
    (&["OffsetDateTime", "now_local"], Kind::Clock),
    (&["Zoned", "now"], Kind::Clock),
    (&["jiff", "Timestamp", "now"], Kind::Clock),
    (&["Uuid", "new_v4"], Kind::Random),
    (&["Uuid", "now_v7"], Kind::Random),
    (&["Uuid", "now_v6"], Kind::Random),
    (&["Uuid", "now_v1"], Kind::Random),
    (&["Ulid", "new"], Kind::Random),
    (&["thread_rng"], Kind::Random),
    (&["rand", "rng"], Kind::Random),
    (&["rand", "random"], Kind::Random),
    (&["rand", "random_bool"], Kind::Random),
    (&["rand", "random_range"], Kind::Random),
    (&["rand", "random_ratio"], Kind::Random),
    (&["getrandom", "fill"], Kind::Random),
    (&["env", "var"], Kind::Environment),
    (&["env", "var_os"], Kind::Environment),
    (&["env", "vars"], Kind::Environment),
    (&["env", "vars_os"], Kind::Environment),
    (&["tokio", "spawn"], Kind::Task),
    (&["task", "spawn"], Kind::Task),
    (&["task", "spawn_local"], Kind::Task),
    (&["task", "spawn_blocking"], Kind::Task),
    (&["thread", "spawn"], Kind::Task),
    (&["time", "sleep"], Kind::Sleep),
    (&["time", "sleep_until"], Kind::Sleep),
    (&["time", "interval"], Kind::Sleep),
    (&["thread", "sleep"], Kind::Sleep),
    (&["time", "timeout"], Kind::Timeout),
    (&["time", "timeout_at"], Kind::Timeout),
];

/// Why a handler must not call this, and what to do instead; none if it may.
pub(crate) fn reason(path: &Path) -> Option<String> {
    let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let (call, kind) = CALLS.iter().find(|(call, _)| ends_with(&names, call))?;
    let name = call.join("::");
    Some(format!(
        "{}; if that is intended, write `#[durable::handler(allow(nondeterminism))]`",
        kind.explain(&name)
    ))
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
        }
    }
}

fn ends_with(names: &[String], call: &[&str]) -> bool {
    names.len() >= call.len()
        && names.iter().rev().zip(call.iter().rev()).all(|(name, expected)| name == expected)
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
    }

    #[test]
    fn other_functions_with_the_same_last_name_are_not_meant() {
        for path in ["now", "order.now", "Order::now", "sleep", "workers::spawn", "Config::var", "rng"] {
            let Ok(path) = syn::parse_str(path) else { continue };
            assert!(reason(&path).is_none());
        }
    }
}
