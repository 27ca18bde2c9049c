//! The address of a function that somebody else runs.

use std::fmt;

/// Where a container with Lambda's runtime interface emulator takes invocations.
const DEFAULT_PATH: &str = "/2015-03-31/functions/function/invocations";

/// The address at which a function that somebody else runs is invoked, as Lambda's is.
///
/// ```
/// use durable_local::function::Endpoint;
///
/// let container = Endpoint::parse("http://127.0.0.1:9000").unwrap();
/// let other = Endpoint::parse("http://localhost:3001/2015-03-31/functions/Order/invocations").unwrap();
///
/// assert_eq!(container.to_string(), "http://127.0.0.1:9000/2015-03-31/functions/function/invocations");
/// assert_eq!(other.to_string(), "http://localhost:3001/2015-03-31/functions/Order/invocations");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    authority: String,
    path: String,
}

impl Endpoint {
    /// Reads `http://HOST[:PORT]`, which is a container with Lambda's runtime interface emulator, or that with the
    /// path to post invocations to.
    ///
    /// # Errors
    /// When it is none; the text says what is expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "must begin with http:// and name a host";
        let rest = text.strip_prefix("http://").ok_or(EXPECTED)?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'@';
        if authority.is_empty() || !authority.bytes().all(is_plain) || !path.bytes().all(is_plain) {
            return Err(EXPECTED);
        }
        let path = if matches!(path, "" | "/") { DEFAULT_PATH } else { path };
        Ok(Self { authority: authority.to_owned(), path: path.to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_address_is_refused() {
        for text in
            ["", "127.0.0.1:9000", "https://127.0.0.1", "http://", "http:///path", "http://a b", "http://a@b"]
        {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }
}
