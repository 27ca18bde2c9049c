//! Names in messages.

/// Returns names as text: "`a`, `b` and `c`".
pub(crate) fn enumerated(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_enumerated() {
        assert_eq!(enumerated(&["a"]), "`a`");
        assert_eq!(enumerated(&["a", "b"]), "`a` and `b`");
        assert_eq!(enumerated(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
