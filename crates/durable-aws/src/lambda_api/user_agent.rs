//! The `User-Agent` header.

use http::HeaderValue;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The application id is not valid in a `User-Agent` header.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the application id `{0}` is invalid; use letters, digits and !#$%&'*+-.^_`|~ in AWS_SDK_UA_APP_ID")]
pub(super) struct InvalidAppId(String);

/// Returns the `User-Agent` header, in the format of the AWS SDKs.
pub(super) fn user_agent(
    execution_environment: Option<&str>,
    app_id: Option<&str>,
) -> Result<HeaderValue, InvalidAppId> {
    let os = std::env::consts::OS;
    let mut text = format!("durable-sdk/{VERSION} ua/2.1 os/{os} lang/rust");
    if let Some(environment) = execution_environment.filter(|text| is_token(text)) {
        text.push_str(&format!(" exec-env/{environment}"));
    }
    text.push_str(&format!(" lib/durable-sdk/{VERSION}"));
    if let Some(app_id) = app_id {
        if !is_token(app_id) {
            return Err(InvalidAppId(app_id.to_owned()));
        }
        text.push_str(&format!(" app/{app_id}"));
    }
    HeaderValue::try_from(text).map_err(|_| InvalidAppId(app_id.unwrap_or_default().to_owned()))
}

fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_names_the_library_the_environment_and_the_application() {
        let agent = user_agent(Some("AWS_Lambda_provided.al2023"), Some("orders")).unwrap();

        let agent = agent.to_str().unwrap();
        assert!(agent.starts_with(&format!("durable-sdk/{VERSION} ua/2.1 os/")), "{agent}");
        assert!(agent.contains(" exec-env/AWS_Lambda_provided.al2023 "), "{agent}");
        assert!(agent.ends_with(&format!(" lib/durable-sdk/{VERSION} app/orders")), "{agent}");
    }

    #[test]
    fn an_application_id_that_would_break_the_header_is_an_error() {
        for app_id in ["two words", "line\nbreak", "ü", ""] {
            assert_eq!(user_agent(None, Some(app_id)), Err(InvalidAppId(app_id.to_owned())));
        }
    }
}
