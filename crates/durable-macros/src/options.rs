//! Parses the options of an attribute: `key`, `key = value` or `key(value)`, separated by commas.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Token};

/// Parses all options of `input`; `option` parses the value of a key, or returns that the key is unknown.
pub(crate) fn parse_options(
    input: ParseStream<'_>,
    known: &[&str],
    mut option: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let mut seen: Vec<Ident> = Vec::new();
    while !input.is_empty() {
        let key = input.call(Ident::parse_any)?;
        if !known.contains(&key.to_string().as_str()) {
            return Err(unknown("option", &key, known));
        }
        if seen.contains(&key) {
            return Err(syn::Error::new_spanned(&key, format!("option `{key}` is given twice")));
        }
        option(&key, input)?;
        seen.push(key);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// Parses the `=` after a key.
pub(crate) fn parse_equals(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new_spanned(key, format!("option `{key}` needs a value: `{key} = ..`")));
    }
    input.parse::<Token![=]>()?;
    Ok(())
}

/// Creates an error for an unknown word that lists the known ones.
pub(crate) fn unknown(what: &str, word: &Ident, known: &[&str]) -> syn::Error {
    let known: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
    let message = match known.split_last() {
        None => format!("unknown {what} `{word}`; there are none"),
        Some((only, [])) => format!("unknown {what} `{word}`; expected {only}"),
        Some((last, others)) => {
            format!("unknown {what} `{word}`; expected {} or {last}", others.join(", "))
        }
    };
    syn::Error::new_spanned(word, message)
}
