//! AWS Signature Version 4.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use http::Method;
use percent_encoding::utf8_percent_encode;
use ring::{digest, hmac};

use super::encoding::PATH;
use crate::credentials::Credentials;

/// Signs requests to Lambda in one region.
///
/// The key is derived from the secret for each day, and kept.
pub(super) struct Signer {
    region: String,
    derived: Mutex<Option<DerivedKey>>,
}

#[derive(Clone)]
struct DerivedKey {
    secret: String,
    date: String,
    key: hmac::Key,
}

/// What of a request is signed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signable<'a> {
    pub(super) method: &'a Method,
    /// The path as it is sent, in normal form.
    pub(super) path: &'a str,
    /// The query as it is sent, whose parameters are in alphabetical order.
    pub(super) query: &'a str,
    pub(super) host: &'a str,
    pub(super) content_type: Option<&'a str>,
    /// Headers of the operation, with names in lower case. Those of AWS are signed.
    pub(super) headers: &'a [(&'static str, String)],
    pub(super) body: &'a [u8],
}

/// The headers that a signature consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// `X-Amz-Date`.
    pub(super) date: String,
    /// `Authorization`.
    pub(super) authorization: String,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "lambda";

impl Signer {
    pub(super) fn new(region: impl Into<String>) -> Self {
        Self { region: region.into(), derived: Mutex::new(None) }
    }

    pub(super) fn sign(
        &self,
        request: Signable<'_>,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Signature {
        let time = basic_iso_8601(now);
        let date = time.split('T').next().unwrap_or_default();
        let scope = format!("{date}/{}/{SERVICE}/aws4_request", self.region);
        let headers = SignedHeaders::new(request, credentials, &time);
        let hashed = hex(&sha256(canonical_request(request, &headers).as_bytes()));
        let to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{hashed}");
        let signature = hmac::sign(&self.key(&credentials.secret_access_key, date), to_sign.as_bytes());
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={}",
            credentials.access_key_id,
            headers.names,
            hex(&signature)
        );
        Signature { date: time, authorization }
    }

    fn key(&self, secret: &str, date: &str) -> hmac::Key {
        let kept = self.derived.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.date == date && kept.secret == secret) {
            return kept.key;
        }
        let secret_key = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
        let parts = [date, &self.region, SERVICE, "aws4_request"];
        let key = parts.iter().fold(secret_key, |key, part| {
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref())
        });
        let derived = DerivedKey { secret: secret.to_owned(), date: date.to_owned(), key: key.clone() };
        *self.derived.lock().unwrap_or_else(PoisonError::into_inner) = Some(derived);
        key
    }
}

/// The headers that are signed, in alphabetical order.
struct SignedHeaders {
    /// A line per header.
    lines: String,
    names: String,
}

impl SignedHeaders {
    fn new(request: Signable<'_>, credentials: &Credentials, time: &str) -> Self {
        let of_all = [
            ("content-type", request.content_type),
            ("host", Some(request.host)),
            ("x-amz-date", Some(time)),
            ("x-amz-security-token", credentials.session_token.as_deref()),
        ];
        let of_all = of_all.into_iter().filter_map(|(name, value)| Some((name, Cow::Borrowed(value?))));
        let of_operation = request.headers.iter().filter(|(name, _)| name.starts_with("x-amz-"));
        let of_operation = of_operation.map(|(name, value)| (*name, Cow::Owned(without_extra_spaces(value))));
        let mut headers: Vec<_> = of_all.chain(of_operation).collect();
        headers.sort_unstable();
        let (mut lines, mut names) = (String::new(), String::new());
        for (name, value) in &headers {
            for part in [name, ":", value, "\n"] {
                lines.push_str(part);
            }
            if !names.is_empty() {
                names.push(';');
            }
            names.push_str(name);
        }
        Self { lines, names }
    }
}

fn without_extra_spaces(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// The path is encoded a second time, as for all services but S3.
fn canonical_request(request: Signable<'_>, headers: &SignedHeaders) -> String {
    let Signable { method, path, query, body, .. } = request;
    let path = if path.is_empty() { "/" } else { path };
    let path = utf8_percent_encode(path, PATH);
    let SignedHeaders { lines, names } = headers;
    format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{}", hex(&sha256(body)))
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

fn hex(bytes: &impl AsRef<[u8]>) -> String {
    let digits = bytes.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// Formats a time as `20260102T030405Z`.
fn basic_iso_8601(time: SystemTime) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let extended = Timestamp::EPOCH.saturating_add(since_epoch).to_string();
    let seconds = extended.split('.').next().unwrap_or_default();
    let mut basic: String = seconds.chars().filter(|symbol| !matches!(symbol, '-' | ':')).collect();
    basic.push('Z');
    basic
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4;

    use super::*;

    const HOST: &str = "lambda.eu-central-1.amazonaws.com";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// What AWS's own library makes of the request.
    fn aws_authorization(request: Signable<'_>, credentials: &Credentials, now: SystemTime) -> String {
        let identity = aws_credential_types::Credentials::new(
            &credentials.access_key_id,
            &credentials.secret_access_key,
            credentials.session_token.clone(),
            None,
            "test",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-central-1")
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let separator = if request.query.is_empty() { "" } else { "?" };
        let uri = format!("https://{HOST}{}{separator}{}", request.path, request.query);
        let of_operation = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let headers =
            request.content_type.map(|value| ("content-type", value)).into_iter().chain(of_operation);
        let body = SignableBody::Bytes(request.body);
        let signable = SignableRequest::new(request.method.as_str(), uri, headers, body).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let (headers, _) = instructions.into_parts();
        let authorization = headers.iter().find(|header| header.name() == "authorization").unwrap();
        authorization.value().to_owned()
    }

    fn checkpoint(body: &[u8]) -> Signable<'_> {
        Signable {
            method: &Method::POST,
            path: "/2025-12-01/durable-executions/arn%3Aaws%3Alambda%3Aorder%3A%24LATEST%2Fa%20b~/checkpoint",
            query: "",
            host: HOST,
            content_type: Some("application/json"),
            headers: &[],
            body,
        }
    }

    fn get_state() -> Signable<'static> {
        Signable {
            method: &Method::GET,
            path: "/prefix/2025-12-01/durable-executions/arn/state",
            query: "CheckpointToken=token%2B%2F%3D&Marker=a%20b&MaxItems=1000",
            host: HOST,
            content_type: None,
            headers: &[],
            body: b"",
        }
    }

    #[test]
    fn signatures_are_those_of_awss_own_library() {
        let signer = Signer::new("eu-central-1");
        let permanent = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let temporary = permanent.clone().with_session_token(Some("token+/=".to_owned()));

        for credentials in [&permanent, &temporary] {
            for request in [checkpoint(br#"{"CheckpointToken":"t"}"#), checkpoint(b""), get_state()] {
                for time in [at(0), at(1_767_323_045), at(1_767_398_400)] {
                    let signature = signer.sign(request, credentials, time);

                    assert_eq!(signature.authorization, aws_authorization(request, credentials, time));
                }
            }
        }
    }

    #[test]
    fn unusual_requests_and_credentials_are_signed_as_by_awss_own_library() {
        let paths = ["/", "/%C3%BC/%7E/%2F", "/prefix/*'()!;=,$&@:+", "/a/"];
        let credentials = [
            Credentials::new("key", ""),
            Credentials::new("key", "\u{fc}\u{1f980} secret "),
            Credentials::new("key", "secret").with_session_token(Some(String::new())),
            Credentials::new("key", "secret").with_session_token(Some(" two  words ".to_owned())),
        ];

        for path in paths {
            for credentials in &credentials {
                let request = Signable { path, ..get_state() };

                let signature = Signer::new("eu-central-1").sign(request, credentials, at(0));

                let expected = aws_authorization(request, credentials, at(0));
                assert_eq!(signature.authorization, expected, "{path} {credentials:?}");
            }
        }
    }

    #[test]
    fn headers_of_an_operation_are_signed_as_by_awss_own_library() {
        let headers = |tenant: &str| {
            let headers = [
                ("x-amz-invocation-type", "Event"),
                ("x-amz-durable-execution-name", "order-17"),
                ("x-amz-tenant-id", tenant),
                ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
            ];
            headers.map(|(name, value)| (name, value.to_owned()))
        };
        let credentials = Credentials::new("key", "secret").with_session_token(Some("token".to_owned()));

        for tenant in ["t-1", " two  words "] {
            let headers = headers(tenant);
            let request = Signable { headers: &headers, ..checkpoint(b"{}") };

            let signature = Signer::new("eu-central-1").sign(request, &credentials, at(0));

            assert_eq!(signature.authorization, aws_authorization(request, &credentials, at(0)));
        }
    }

    #[test]
    fn the_kept_key_is_replaced_with_the_day_and_with_the_secret() {
        let signer = Signer::new("eu-central-1");
        let [first, second] = ["first", "second"].map(|secret| Credentials::new("key", secret));

        for (credentials, now) in [(&first, at(86_399)), (&first, at(86_400)), (&second, at(86_400))] {
            for _ in 0..2 {
                let signature = signer.sign(get_state(), credentials, now);

                assert_eq!(signature.authorization, aws_authorization(get_state(), credentials, now));
            }
        }
    }

    #[test]
    fn times_are_formatted_without_separators() {
        assert_eq!(basic_iso_8601(at(1_767_323_045)), "20260102T030405Z");
    }
}
