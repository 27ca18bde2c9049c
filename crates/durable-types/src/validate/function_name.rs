//! The formats in which a function can be named.

use crate::version::is_version;

/// Returns whether the text is a name, a partial ARN or an ARN of a function, with or without a qualifier.
pub(crate) fn is_function_name(text: &str) -> bool {
    let segments: Vec<&str> = text.split(':').collect();
    let named_last = matches!(segments.as_slice(), [prefix @ .., name] if is_name(name) && is_prefix(prefix));
    named_last
        || matches!(
            segments.as_slice(),
            [prefix @ .., name, qualifier]
                if is_name(name) && is_qualifier(qualifier) && is_prefix(prefix)
        )
}

/// Returns whether these segments may precede a name: `arn:PARTITION:lambda`, `REGION`, `ACCOUNT`, `function`, each
/// of which is optional. No segment matches two of these formats, so the result is unambiguous.
fn is_prefix(segments: &[&str]) -> bool {
    let after_arn = match segments {
        ["arn", partition, "lambda", rest @ ..] if is_partition(partition) => rest,
        rest => rest,
    };
    let after_region = without_first(after_arn, is_region);
    let after_account = without_first(after_region, is_account);
    without_first(after_account, |segment| segment == "function").is_empty()
}

fn without_first<'a, 'b>(segments: &'a [&'b str], has_form: impl Fn(&str) -> bool) -> &'a [&'b str] {
    match segments {
        [first, rest @ ..] if has_form(first) => rest,
        all => all,
    }
}

fn is_partition(text: &str) -> bool {
    let dashed = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    text.is_empty() || text.strip_prefix("aws").is_some_and(dashed)
}

/// Returns whether the text is a region such as `eu-west-1`, `us-gov-west-1` or `eusc-de-east-1`.
fn is_region(text: &str) -> bool {
    let lowercase = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let country = |part: &str| part.len() == 2 && lowercase(part);
    let digit = |part: &str| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit());
    let isolated = |part: &str| {
        part == "gov" || part.strip_prefix("iso").is_some_and(|rest| rest.is_empty() || is_letter(rest))
    };
    let parts: Vec<&str> = text.strip_prefix("eusc-").unwrap_or(text).split('-').collect();
    match parts.as_slice() {
        [start, place, number] => country(start) && lowercase(place) && digit(number),
        [start, kind, place, number] => country(start) && isolated(kind) && lowercase(place) && digit(number),
        _ => false,
    }
}

fn is_letter(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn is_qualifier(text: &str) -> bool {
    is_version(text) || (is_name(text) && !text.contains('.'))
}
