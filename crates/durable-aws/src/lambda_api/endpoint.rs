//! The endpoint of the service.

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};

use super::partition::Partition;

/// The address of a server and the path below which it serves the API.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) is_https: bool,
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of the `Host` header, without the default port.
    pub(super) host_header: HeaderValue,
    /// The path in normal form, without a slash at its end.
    pub(super) base_path: String,
}

/// The variants of a service's endpoint.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EndpointVariant {
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
}

/// There is no endpoint for this configuration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EndpointError {
    #[error("`{0}` is not the name of a region; set AWS_REGION to one such as eu-central-1")]
    InvalidRegion(String),
    #[error("the endpoint URL `{0}` is invalid; use http:// or https:// with a host, and no query")]
    InvalidUrl(String),
    #[error("an endpoint URL cannot be combined with FIPS endpoints; unset one of the two")]
    FipsWithUrl,
    #[error("an endpoint URL cannot be combined with dual-stack endpoints; unset one of the two")]
    DualStackWithUrl,
}

impl Endpoint {
    /// Returns the endpoint at the URL, otherwise that of the region.
    pub(super) fn resolve(
        url: Option<&str>,
        region: &str,
        variant: EndpointVariant,
    ) -> Result<Self, EndpointError> {
        match url {
            None => Self::of_region(region, variant),
            Some(_) if variant.use_fips => Err(EndpointError::FipsWithUrl),
            Some(_) if variant.use_dual_stack => Err(EndpointError::DualStackWithUrl),
            Some(url) if url.contains('?') => Err(EndpointError::InvalidUrl(url.to_owned())),
            Some(url) => Self::parse(url),
        }
    }

    /// Parses a URL.
    pub(super) fn parse(url: &str) -> Result<Self, EndpointError> {
        let invalid = || EndpointError::InvalidUrl(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else { return Err(invalid()) };
        let is_https = *scheme == Scheme::HTTPS;
        if (!is_https && *scheme != Scheme::HTTP) || authority.host().is_empty() {
            return Err(invalid());
        }
        // A port that is not a number up to 65535 counts as none.
        if authority.port_u16().is_none() && !authority.as_str().ends_with(authority.host()) {
            return Err(invalid());
        }
        Ok(Self {
            is_https,
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            host_header: host_header(authority, is_https).ok_or_else(invalid)?,
            base_path: normalized(uri.path()),
        })
    }

    fn of_region(region: &str, variant: EndpointVariant) -> Result<Self, EndpointError> {
        if !is_host_label(region) {
            return Err(EndpointError::InvalidRegion(region.to_owned()));
        }
        let partition = Partition::of(region);
        let service = if variant.use_fips { "lambda-fips" } else { "lambda" };
        let suffix =
            if variant.use_dual_stack { partition.dual_stack_dns_suffix } else { partition.dns_suffix };
        Self::parse(&format!("https://{service}.{region}.{suffix}"))
    }
}

fn host_header(authority: &Authority, is_https: bool) -> Option<HeaderValue> {
    let port = authority.port_u16().filter(|port| *port != if is_https { 443 } else { 80 });
    let host = authority.host();
    let text = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    HeaderValue::try_from(text).ok()
}

/// Returns the path without empty segments, `.` and `..`, which signatures must not contain.
fn normalized(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    segments.iter().flat_map(|segment| ["/", segment]).collect()
}

fn is_host_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};

    use super::*;

    const REGIONS: &[&str] = &[
        "af-south-1",
        "ap-southeast-7",
        "aws-global",
        "ca-west-1",
        "eu-central-1",
        "il-central-1",
        "mx-central-1",
        "sa-east-1",
        "us-east-1",
        "us-west-2",
        "cn-north-1",
        "cn-northwest-1",
        "cn-new-12",
        "aws-cn-global",
        "eusc-de-east-1",
        "eusc-fr-east-1",
        "aws-eusc-global",
        "us-iso-east-1",
        "us-iso-west-1",
        "aws-iso-global",
        "us-isob-east-1",
        "aws-iso-b-global",
        "eu-isoe-west-1",
        "aws-iso-e-global",
        "us-isof-south-1",
        "us-isof-east-1",
        "aws-iso-f-global",
        "us-gov-west-1",
        "us-gov-east-1",
        "aws-us-gov-global",
        "mars-east-1",
        "us-gov-west",
        "us-gov-west-1-extra",
        "us-gov-we.st-1",
        "us-isow-east-1",
        "cn--1",
        "cn-north-",
    ];

    /// What the AWS SDK resolves.
    async fn aws_url(url: Option<&str>, region: &str, variant: EndpointVariant) -> Option<String> {
        let params = Params::builder()
            .region(region)
            .use_fips(variant.use_fips)
            .use_dual_stack(variant.use_dual_stack)
            .set_endpoint(url.map(str::to_owned));
        let endpoint = DefaultResolver::new().resolve_endpoint(&params.build().unwrap()).await;
        endpoint.ok().map(|endpoint| endpoint.url().to_owned())
    }

    #[tokio::test]
    async fn every_region_and_variant_has_the_endpoint_that_the_aws_sdk_resolves() {
        for url in [None, Some("http://localhost:9000")] {
            for region in REGIONS {
                for (use_fips, use_dual_stack) in [(false, false), (true, false), (false, true), (true, true)]
                {
                    let variant = EndpointVariant { use_fips, use_dual_stack };

                    let endpoint = Endpoint::resolve(url, region, variant).ok().map(|endpoint| {
                        let scheme = if endpoint.is_https { "https" } else { "http" };
                        format!("{scheme}://{}", endpoint.host_header.to_str().unwrap())
                    });

                    // The AWS SDK accepts this as a region, and fails when it sends a request.
                    let expected = aws_url(url, region, variant)
                        .await
                        .filter(|_| url.is_some() || is_host_label(region));
                    assert_eq!(endpoint, expected, "{url:?} {region} {variant:?}");
                }
            }
        }
    }

    fn url(region: &str, use_fips: bool, use_dual_stack: bool) -> String {
        let variant = EndpointVariant { use_fips, use_dual_stack };
        let endpoint = Endpoint::resolve(None, region, variant).unwrap();
        assert!(endpoint.is_https && endpoint.port == 443 && endpoint.base_path.is_empty());
        assert_eq!(endpoint.host_header, endpoint.host);
        endpoint.host
    }

    #[test]
    fn regions_have_endpoints_in_the_domain_of_their_partition() {
        assert_eq!(url("eu-central-1", false, false), "lambda.eu-central-1.amazonaws.com");
        assert_eq!(url("us-gov-west-1", true, true), "lambda-fips.us-gov-west-1.api.aws");
        assert_eq!(url("cn-north-1", false, false), "lambda.cn-north-1.amazonaws.com.cn");
        assert_eq!(url("us-isob-east-1", false, true), "lambda.us-isob-east-1.api.aws.scloud");
    }

    #[test]
    fn a_url_replaces_the_endpoint_of_the_region() {
        let resolve = |url| Endpoint::resolve(Some(url), "eu-central-1", EndpointVariant::default()).unwrap();

        let local = resolve("http://127.0.0.1:9000/prefix/");
        let secure = resolve("https://[::1]:443");

        assert_eq!((local.host.as_str(), local.port, local.is_https), ("127.0.0.1", 9_000, false));
        assert_eq!(
            (local.base_path.as_str(), local.host_header.to_str().unwrap()),
            ("/prefix", "127.0.0.1:9000")
        );
        assert_eq!((secure.host.as_str(), secure.port, secure.is_https), ("::1", 443, true));
        assert_eq!(secure.host_header, "[::1]");
        assert_eq!(resolve("http://[::1]:9000/a/").host_header, "[::1]:9000");
        assert_eq!(resolve("http://x//a/./b/../c//").base_path, "/a/c");
        assert_eq!(resolve("http://x/../..").base_path, "");
        assert_eq!(resolve("http://user:password@example.com").host_header, "example.com");
    }

    #[test]
    fn a_configuration_without_an_endpoint_says_why() {
        let fips = EndpointVariant { use_fips: true, use_dual_stack: true };
        let dual_stack = EndpointVariant { use_fips: false, use_dual_stack: true };
        let error = |url, variant| Endpoint::resolve(url, "a b", variant).unwrap_err();

        assert_eq!(error(Some("http://x"), fips), EndpointError::FipsWithUrl);
        assert_eq!(error(Some("http://x"), dual_stack), EndpointError::DualStackWithUrl);
        assert_eq!(error(None, fips), EndpointError::InvalidRegion("a b".to_owned()));
        for url in [
            "x",
            "ftp://x",
            "http://",
            "/path",
            "http://localhost:99999",
            "http://localhost:",
            "http://localhost:nine",
            "http://localhost:9000?a=b",
            "http://[::1",
            "http://a b",
        ] {
            assert_eq!(
                error(Some(url), EndpointVariant::default()),
                EndpointError::InvalidUrl(url.to_owned())
            );
        }
    }
}
