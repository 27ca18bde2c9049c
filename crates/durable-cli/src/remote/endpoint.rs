//! The default endpoints of AWS services, from the partitions that AWS's SDKs know.

use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use durable_host::causes::with_causes;

use super::error::RemoteError;
use super::request::Service;

/// The variant of an endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant<'a> {
    pub(super) region: &'a str,
    pub(super) fips: bool,
    pub(super) dual_stack: bool,
}

impl Variant<'_> {
    /// Returns whether this is a FIPS endpoint of CloudWatch Logs without a name of its own: in GovCloud, the usual
    /// endpoints of IPv4 comply with FIPS.
    fn is_usual_logs(self) -> bool {
        !self.dual_stack && matches!(self.region, "us-gov-east-1" | "us-gov-west-1")
    }

    /// Returns the domain of the region's partition.
    ///
    /// The endpoint rules of the services differ in their names, but all take the domain from AWS's table of partitions,
    /// which is private to each SDK. So it is read off an endpoint of STS, whose SDK is part of AWS's configuration.
    async fn domain(self) -> Result<String, RemoteError> {
        let Self { region, fips, dual_stack } = self;
        let failed = |cause| RemoteError::NoEndpoint { region: region.to_owned(), cause };
        let parameters = Params::builder().region(region).use_fips(fips).use_dual_stack(dual_stack).build();
        let parameters = parameters.map_err(|error| failed(with_causes(&error)))?;
        let resolver = DefaultResolver::new();
        let endpoint = resolver.resolve_endpoint(&parameters).await;
        let endpoint = endpoint.map_err(|error| failed(with_causes(error.as_ref())))?;
        let domain =
            endpoint.url().split_once(&format!(".{region}.")).map(|(_service, domain)| domain.to_owned());
        domain.ok_or_else(|| failed("it is not the name of a region".to_owned()))
    }
}

/// Returns the default endpoint of a service.
pub(super) async fn default_endpoint(service: Service, variant: Variant<'_>) -> Result<String, RemoteError> {
    let name = match service {
        Service::Lambda if variant.fips => "lambda-fips",
        Service::Lambda => "lambda",
        Service::Logs if variant.fips && !variant.is_usual_logs() => "logs-fips",
        Service::Logs => "logs",
    };
    let domain = variant.domain().await?;
    Ok(format!("https://{name}.{}.{domain}", variant.region))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IPV4: Variant<'_> = Variant { region: "", fips: false, dual_stack: false };
    const FIPS: Variant<'_> = Variant { fips: true, ..IPV4 };
    const DUAL_STACK: Variant<'_> = Variant { dual_stack: true, ..IPV4 };

    async fn lambda(region: &str, variant: Variant<'_>) -> String {
        default_endpoint(Service::Lambda, Variant { region, ..variant }).await.unwrap()
    }

    async fn logs(region: &str, variant: Variant<'_>) -> String {
        default_endpoint(Service::Logs, Variant { region, ..variant }).await.unwrap()
    }

    #[tokio::test]
    async fn every_partition_has_its_domains() {
        for (region, domain, dual_stack) in [
            ("eu-central-1", "amazonaws.com", "api.aws"),
            ("cn-north-1", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
            ("us-gov-west-1", "amazonaws.com", "api.aws"),
            ("us-iso-east-1", "c2s.ic.gov", "api.aws.ic.gov"),
            ("us-isob-east-1", "sc2s.sgov.gov", "api.aws.scloud"),
            ("eu-isoe-west-1", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
            ("us-isof-south-1", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
            ("eusc-de-east-1", "amazonaws.eu", "api.amazonwebservices.eu"),
            // The table does not list this region, but its name identifies the partition.
            ("cn-south-9", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        ] {
            assert_eq!(lambda(region, IPV4).await, format!("https://lambda.{region}.{domain}"));
            assert_eq!(lambda(region, FIPS).await, format!("https://lambda-fips.{region}.{domain}"));
            assert_eq!(lambda(region, DUAL_STACK).await, format!("https://lambda.{region}.{dual_stack}"));
            assert_eq!(logs(region, IPV4).await, format!("https://logs.{region}.{domain}"));
            assert_eq!(logs(region, DUAL_STACK).await, format!("https://logs.{region}.{dual_stack}"));
        }
    }

    #[tokio::test]
    async fn logs_in_govcloud_comply_with_fips_at_the_usual_endpoint() {
        let both = Variant { fips: true, ..DUAL_STACK };

        assert_eq!(logs("us-gov-west-1", FIPS).await, "https://logs.us-gov-west-1.amazonaws.com");
        assert_eq!(logs("us-gov-east-1", FIPS).await, "https://logs.us-gov-east-1.amazonaws.com");
        assert_eq!(logs("us-gov-west-1", both).await, "https://logs-fips.us-gov-west-1.api.aws");
        assert_eq!(logs("us-east-1", FIPS).await, "https://logs-fips.us-east-1.amazonaws.com");
    }

    #[tokio::test]
    async fn a_global_pseudo_region_has_no_endpoint() {
        let refused = default_endpoint(Service::Lambda, Variant { region: "aws-global", ..IPV4 }).await;

        assert!(matches!(refused, Err(RemoteError::NoEndpoint { .. })), "{refused:?}");
    }
}
