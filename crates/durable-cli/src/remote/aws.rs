//! The configuration of the AWS SDKs (region, credentials, endpoints), and signatures of requests.

use std::time::SystemTime;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use durable_host::causes::with_causes;
use durable_host::clock;

use super::endpoint::{Variant, default_endpoint};
use super::error::RemoteError;
use super::options::ServiceOptions;
use super::request::Service;

/// The configuration of AWS.
pub(super) struct Aws {
    region: String,
    credentials: SharedCredentialsProvider,
    /// The requested profile.
    profile: Option<String>,
    lambda: String,
    logs: String,
}

impl Aws {
    /// Loads the configuration as the AWS SDKs do: environment, profiles, single sign-on, and so on.
    pub(super) async fn load(options: &ServiceOptions) -> Result<Self, RemoteError> {
        // Signing would panic otherwise.
        if !clock::is_usable() {
            return Err(RemoteError::Clock);
        }
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut loader =
            aws_config::defaults(BehaviorVersion::latest()).http_client(http).sleep_impl(TokioSleep::new());
        if let Some(region) = &options.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        let region = config.region().ok_or(RemoteError::NoRegion)?.to_string();
        let credentials = config.credentials_provider();
        let profile = options.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
        let credentials = credentials.ok_or_else(|| RemoteError::NoCredentials {
            profile: profile.clone(),
            cause: "none are configured".to_owned(),
        })?;
        let endpoint = |service| endpoint(service, &region, options.endpoint.as_deref(), &config);
        let (lambda, logs) = (endpoint(Service::Lambda).await?, endpoint(Service::Logs).await?);
        Ok(Self { region, credentials, profile, lambda, logs })
    }

    pub(super) fn endpoint(&self, service: Service) -> &str {
        match service {
            Service::Lambda => &self.lambda,
            Service::Logs => &self.logs,
        }
    }

    /// Returns the headers that sign a request.
    pub(super) async fn sign(
        &self,
        service: Service,
        method: &str,
        url: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<Vec<(String, String)>, RemoteError> {
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(|error| RemoteError::NoCredentials {
            profile: self.profile.clone(),
            cause: with_causes(&error),
        })?;
        let identity = credentials.into();
        let unsendable = |error: &dyn std::fmt::Display| RemoteError::Unsendable(error.to_string());
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(match service {
                Service::Lambda => "lambda",
                Service::Logs => "logs",
            })
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsendable(&error))?
            .into();
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let request = SignableRequest::new(method, url, headers, SignableBody::Bytes(body))
            .map_err(|error| unsendable(&error))?;
        let (instructions, _signature) =
            sign(request, &parameters).map_err(|error| unsendable(&error))?.into_parts();
        let (headers, _query) = instructions.into_parts();
        Ok(headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned())).collect())
    }
}

/// Returns the endpoint of an AWS service: that of the command line, that of the configuration, or the default.
async fn endpoint(
    service: Service,
    region: &str,
    given: Option<&str>,
    config: &SdkConfig,
) -> Result<String, RemoteError> {
    let variable = match service {
        Service::Lambda => "AWS_ENDPOINT_URL_LAMBDA",
        Service::Logs => "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    };
    let of_service = std::env::var(variable).ok().filter(|url| !url.is_empty());
    let given = given.map(str::to_owned).or(of_service);
    let configured = given.or_else(|| config.endpoint_url().map(str::to_owned));
    let url = match configured {
        Some(url) => url,
        None => {
            let fips = config.use_fips().unwrap_or(false);
            let dual_stack = config.use_dual_stack().unwrap_or(false);
            default_endpoint(service, Variant { region, fips, dual_stack }).await?
        }
    };
    Ok(url.trim_end_matches('/').to_owned())
}
