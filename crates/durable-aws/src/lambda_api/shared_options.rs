//! The options that the builders of all clients of the Lambda API share.

/// Declares the methods of a builder that has `settings: ApiSettings`.
macro_rules! shared_options {
    () => {
        /// Sets the region, which requests are signed for and which determines the endpoint.
        pub fn region(mut self, region: impl Into<String>) -> Self {
            self.settings.region = region.into();
            self
        }

        /// Sets the credentials, or what provides them.
        pub fn credentials(
            mut self,
            credentials: impl $crate::credentials_provider::CredentialsProvider,
        ) -> Self {
            self.settings.credentials =
                $crate::lambda_api::api_settings::CredentialsSettings::given(credentials);
            self
        }

        /// Sets the URL of the service, such as that of a local service, instead of the endpoint of the region.
        pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
            self.settings.endpoint_url = Some(url.into());
            self
        }

        /// Selects the endpoint of the region with cryptography validated by FIPS.
        pub fn use_fips(mut self, use_fips: bool) -> Self {
            self.settings.variant.use_fips = use_fips;
            self
        }

        /// Selects the endpoint of the region that is reachable over IPv6 as well.
        pub fn use_dual_stack(mut self, use_dual_stack: bool) -> Self {
            self.settings.variant.use_dual_stack = use_dual_stack;
            self
        }

        /// Sets a PEM file with the certificate authorities to trust instead of the public ones.
        pub fn ca_bundle(mut self, path: impl Into<String>) -> Self {
            self.settings.ca_bundle = Some(path.into());
            self
        }

        /// Sets the name of the application in the `User-Agent` header.
        pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
            self.settings.app_id = Some(app_id.into());
            self
        }

        /// Sets the time limit for a connection, including its TLS handshake, and for a response of the credentials
        /// endpoint; 5 seconds by default. On Linux, a connection whose peer acknowledges nothing for as long is given
        /// up.
        pub fn connect_timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.settings.connect_timeout = limit;
            self
        }

        /// Sets the time limit from the start of a request to the head of its response, and again for the body of the
        /// response; 50 seconds by default.
        pub fn response_timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.settings.response_timeout = limit;
            self
        }

        /// Sets how often a request is attempted, including the first time; 3 by default, and at least 1.
        pub fn max_attempts(mut self, attempts: u32) -> Self {
            self.settings.retry_policy.max_attempts = attempts.max(1);
            self
        }

        /// Sets the upper bound of the first delay between attempts, which doubles each time; by default 50
        /// milliseconds after transient errors and 1 second after throttling.
        pub fn initial_backoff(mut self, backoff: ::std::time::Duration) -> Self {
            self.settings.retry_policy.initial_backoff = backoff;
            self.settings.retry_policy.throttling_backoff = backoff;
            self
        }
    };
}

pub(crate) use shared_options;
