//! The settings of the client, from the environment variables of a Lambda function.

use std::time::Duration;

use durable_core::driver::DivergencePolicy;

use crate::credentials::Credentials;

/// The settings of the client, from the variables that AWS defines.
pub(crate) struct Environment {
    pub(crate) region: String,
    pub(crate) credentials: EnvironmentCredentials,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
    /// Whether `AWS_RETRY_MODE` is `adaptive`.
    #[cfg_attr(not(feature = "aws-sdk"), expect(dead_code, reason = "only the AWS SDK has this mode"))]
    pub(crate) adaptive_retries: bool,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) app_id: Option<String>,
    /// A PEM file with the certificate authorities to trust instead of the public ones.
    pub(crate) ca_bundle: Option<String>,
    /// The environment in which the program runs, such as `AWS_Lambda_provided.al2023`, for the user agent.
    pub(crate) execution_environment: Option<String>,
}

/// The source of the credentials.
pub(crate) enum EnvironmentCredentials {
    Keys(Credentials),
    /// An endpoint that provides credentials that expire, as in functions that were restored from a snapshot.
    Container {
        url: String,
        authorization: ContainerAuthorization,
    },
}

/// The source of the `Authorization` header for the credentials endpoint.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ContainerAuthorization {
    Nothing,
    Token(String),
    /// A file whose token is replaced before it expires.
    File(String),
}

/// The host that [`CONTAINER_RELATIVE_URI`] is relative to.
const CONTAINER_HOST: &str = "http://169.254.170.2";
const CONTAINER_FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const CONTAINER_RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

/// The variables that Lambda sets for every function and that its runtime requires.
const LAMBDA_VARIABLES: &[&str] = &[
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

/// What fails when replay diverges: `fail-execution` or `fail-invocation`.
const ON_DIVERGENCE: &str = "DURABLE_ON_DIVERGENCE";

/// How long before the deadline of an invocation no further body starts, in seconds.
const SUSPEND_BEFORE_DEADLINE: &str = "DURABLE_SUSPEND_BEFORE_DEADLINE";

impl Environment {
    /// Reads the settings through `variable`. A variable that is empty counts as not set.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_true = |name: &str| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let region = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let endpoint_url = || variable("AWS_ENDPOINT_URL_LAMBDA").or_else(|| variable("AWS_ENDPOINT_URL"));
        Ok(Self {
            region: region().ok_or(EnvironmentError::Missing("AWS_REGION"))?,
            credentials: credentials(variable)?,
            endpoint_url: if is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") { None } else { endpoint_url() },
            use_fips: is_true("AWS_USE_FIPS_ENDPOINT"),
            use_dual_stack: is_true("AWS_USE_DUALSTACK_ENDPOINT"),
            adaptive_retries: variable("AWS_RETRY_MODE")
                .is_some_and(|mode| mode.eq_ignore_ascii_case("adaptive")),
            max_attempts: variable("AWS_MAX_ATTEMPTS").map(|text| attempts(&text)).transpose()?,
            app_id: variable("AWS_SDK_UA_APP_ID"),
            ca_bundle: variable("AWS_CA_BUNDLE").or_else(|| variable("SSL_CERT_FILE")),
            execution_environment: variable("AWS_EXECUTION_ENV"),
        })
    }
}

/// Keys take precedence over the endpoint of a container, as in the AWS SDKs.
fn credentials(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<EnvironmentCredentials, EnvironmentError> {
    const KEY: &str = "AWS_ACCESS_KEY_ID";
    const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
    if let Some(key) = variable(KEY) {
        let secret = variable(SECRET).ok_or(EnvironmentError::Missing(SECRET))?;
        let credentials = Credentials::new(key, secret).with_session_token(variable("AWS_SESSION_TOKEN"));
        return Ok(EnvironmentCredentials::Keys(credentials));
    }
    let relative = || variable(CONTAINER_RELATIVE_URI).map(|path| format!("{CONTAINER_HOST}{path}"));
    let url = relative().or_else(|| variable(CONTAINER_FULL_URI)).ok_or(EnvironmentError::Missing(KEY))?;
    let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(ContainerAuthorization::File);
    let token = || variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(ContainerAuthorization::Token);
    let authorization = file.or_else(token).unwrap_or(ContainerAuthorization::Nothing);
    Ok(EnvironmentCredentials::Container { url, authorization })
}

/// Checks that the process runs under Lambda, or something like it.
pub(crate) fn check_lambda(variable: impl Fn(&str) -> Option<String>) -> Result<(), EnvironmentError> {
    for name in LAMBDA_VARIABLES {
        if variable(name).is_none_or(|value| value.is_empty()) {
            return Err(EnvironmentError::NotStartedByLambda(name));
        }
    }
    let memory = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").unwrap_or_default();
    match memory.parse::<i32>() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(EnvironmentError::NotANumber { name: "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", value: memory })
        }
    }
}

fn attempts(text: &str) -> Result<u32, EnvironmentError> {
    match text.parse() {
        Ok(attempts @ 1..) => Ok(attempts),
        Ok(0) | Err(_) => {
            Err(EnvironmentError::NotANumber { name: "AWS_MAX_ATTEMPTS", value: text.to_owned() })
        }
    }
}

/// Reads what fails when replay diverges.
pub(crate) fn divergence_policy(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<DivergencePolicy, EnvironmentError> {
    match variable(ON_DIVERGENCE).as_deref() {
        None | Some("" | "fail-execution") => Ok(DivergencePolicy::FailExecution),
        Some("fail-invocation") => Ok(DivergencePolicy::FailInvocation),
        Some(value) => Err(EnvironmentError::UnknownDivergencePolicy(value.to_owned())),
    }
}

/// Reads how long before its deadline an invocation suspends; zero if it does not.
pub(crate) fn deadline_margin(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Duration, EnvironmentError> {
    let Some(text) = variable(SUSPEND_BEFORE_DEADLINE).filter(|text| !text.is_empty()) else {
        return Ok(Duration::ZERO);
    };
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or(EnvironmentError::InvalidDeadlineMargin(text))
}

/// The environment is not one in which a durable function can run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EnvironmentError {
    #[error(
        "{0} is not set: this program is a Lambda function, which Lambda starts; \
         to run it on this machine, use the `durable` command: `durable run NAME --input FILE`"
    )]
    NotStartedByLambda(&'static str),
    #[error(
        "{0} is not set, but requests to the Lambda API need it; to configure them in code, use `Client::builder`, or \
         `LambdaTransport::builder` with `run(..).transport(..)`, of `durable::aws`"
    )]
    Missing(&'static str),
    #[error("{name} is `{value}`, which is not a number of at least 1")]
    NotANumber { name: &'static str, value: String },
    #[error("{ON_DIVERGENCE} is `{0}`; set it to `fail-execution` or `fail-invocation`")]
    UnknownDivergencePolicy(String),
    #[error("{SUSPEND_BEFORE_DEADLINE} is `{0}`; set it to a number of seconds, such as `2` or `0.5`")]
    InvalidDeadlineMargin(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: &[(&str, &str)] = &[
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("AWS_LAMBDA_FUNCTION_NAME", "order"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];

    fn with<'a>(more: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let found = more.iter().chain(LAMBDA).find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn what_lambda_sets_is_enough() {
        let environment = Environment::read(with(&[])).unwrap();

        assert_eq!(environment.region, "eu-central-1");
        assert_eq!(environment.endpoint_url, None);
        assert_eq!(check_lambda(with(&[])), Ok(()));
    }

    #[test]
    fn the_endpoint_of_lambda_goes_before_that_of_all_services() {
        let both =
            [("AWS_ENDPOINT_URL", "https://all"), ("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9000")];
        let one = [("AWS_ENDPOINT_URL", "https://all"), ("AWS_ENDPOINT_URL_LAMBDA", "")];
        let ignored = [("AWS_ENDPOINT_URL", "https://all"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];

        let endpoint = |more: &[_]| Environment::read(with(more)).unwrap().endpoint_url;

        assert_eq!(endpoint(&both).as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(endpoint(&one).as_deref(), Some("https://all"));
        assert_eq!(endpoint(&ignored), None);
    }

    #[test]
    fn retries_are_configured_as_in_other_aws_sdks() {
        let retries = [("AWS_RETRY_MODE", "Adaptive"), ("AWS_MAX_ATTEMPTS", "7")];

        let environment = Environment::read(with(&retries)).unwrap();

        assert!(environment.adaptive_retries);
        assert_eq!(environment.max_attempts, Some(7));
        assert!(Environment::read(with(&[("AWS_MAX_ATTEMPTS", "0")])).is_err());
    }

    #[test]
    fn keys_come_before_the_endpoint_of_a_container() {
        let container = [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9002/credentials"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token"),
        ];
        let without_keys = [&[("AWS_ACCESS_KEY_ID", "")], container.as_slice()].concat();

        let source = |more: &[_]| Environment::read(with(more)).unwrap().credentials;

        assert!(matches!(source(&container), EnvironmentCredentials::Keys(_)));
        let EnvironmentCredentials::Container { url, authorization } = source(&without_keys) else {
            panic!("the container provides the credentials");
        };
        assert_eq!(url, "http://127.0.0.1:9002/credentials");
        assert!(authorization == ContainerAuthorization::Token("token".to_owned()));
    }

    #[test]
    fn a_relative_address_of_a_container_is_on_its_well_known_host() {
        let variables = [
            ("AWS_ACCESS_KEY_ID", ""),
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"),
        ];

        let source = Environment::read(with(&variables)).unwrap().credentials;

        let EnvironmentCredentials::Container { url, authorization } = source else {
            panic!("the container provides the credentials");
        };
        assert_eq!(url, "http://169.254.170.2/v2/credentials/1");
        assert!(authorization == ContainerAuthorization::File("/token".to_owned()));
    }

    #[test]
    fn a_bundle_of_certificates_is_named_by_aws_or_by_openssl() {
        let both = [("AWS_CA_BUNDLE", "/aws.pem"), ("SSL_CERT_FILE", "/openssl.pem")];

        let bundle = |more: &[_]| Environment::read(with(more)).unwrap().ca_bundle;

        assert_eq!(bundle(&[]), None);
        assert_eq!(bundle(&both[1..]).as_deref(), Some("/openssl.pem"));
        assert_eq!(bundle(&both).as_deref(), Some("/aws.pem"));
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = |more: &[_]| Environment::read(with(more)).err();

        assert_eq!(error(&[("AWS_REGION", "")]), Some(EnvironmentError::Missing("AWS_REGION")));
        assert_eq!(
            error(&[("AWS_SECRET_ACCESS_KEY", "")]),
            Some(EnvironmentError::Missing("AWS_SECRET_ACCESS_KEY"))
        );
    }

    #[test]
    fn a_program_started_by_hand_says_how_to_run_it() {
        let error = check_lambda(|_| None).unwrap_err();

        assert!(error.to_string().contains("durable run"), "{error}");
        assert!(check_lambda(with(&[("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "much")])).is_err());
    }

    #[test]
    fn the_divergence_policy_is_read_and_an_unknown_one_is_an_error() {
        let policy = |value: &str| divergence_policy(with(&[("DURABLE_ON_DIVERGENCE", value)]));

        assert_eq!(divergence_policy(with(&[])), Ok(DivergencePolicy::FailExecution));
        assert_eq!(policy("fail-execution"), Ok(DivergencePolicy::FailExecution));
        assert_eq!(policy("fail-invocation"), Ok(DivergencePolicy::FailInvocation));
        let error = policy("retry").unwrap_err();
        assert_eq!(
            error.to_string(),
            "DURABLE_ON_DIVERGENCE is `retry`; set it to `fail-execution` or `fail-invocation`"
        );
    }

    #[test]
    fn the_deadline_margin_is_a_number_of_seconds_and_zero_by_default() {
        let margin = |value: &str| deadline_margin(with(&[("DURABLE_SUSPEND_BEFORE_DEADLINE", value)]));

        assert_eq!(deadline_margin(with(&[])), Ok(Duration::ZERO));
        assert_eq!(margin(""), Ok(Duration::ZERO));
        assert_eq!(margin("2"), Ok(Duration::from_secs(2)));
        assert_eq!(margin("0.5"), Ok(Duration::from_millis(500)));
        for invalid in ["-1", "2s", "inf", "NaN"] {
            assert_eq!(
                margin(invalid),
                Err(EnvironmentError::InvalidDeadlineMargin(invalid.to_owned())),
                "{invalid}"
            );
        }
    }
}
