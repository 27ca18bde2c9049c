//! The partitions of AWS: groups of regions with domain names of their own.

/// A partition, as in the endpoint rules of the AWS SDKs. Every partition has FIPS and dual-stack endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Partition {
    name: &'static str,
    /// The prefix of the names of its regions.
    region_prefix: &'static str,
    pub(super) dns_suffix: &'static str,
    pub(super) dual_stack_dns_suffix: &'static str,
}

/// The default partition.
const AWS: Partition = partition("aws", "", ["amazonaws.com", "api.aws"]);

const OTHERS: &[Partition] = &[
    partition("aws-cn", "cn", ["amazonaws.com.cn", "api.amazonwebservices.com.cn"]),
    partition("aws-eusc", "eusc-de", ["amazonaws.eu", "api.amazonwebservices.eu"]),
    partition("aws-iso", "us-iso", ["c2s.ic.gov", "api.aws.ic.gov"]),
    partition("aws-iso-b", "us-isob", ["sc2s.sgov.gov", "api.aws.scloud"]),
    partition("aws-iso-e", "eu-isoe", ["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"]),
    partition("aws-iso-f", "us-isof", ["csp.hci.ic.gov", "api.aws.hci.ic.gov"]),
    partition("aws-us-gov", "us-gov", ["amazonaws.com", "api.aws"]),
];

const fn partition(
    name: &'static str,
    region_prefix: &'static str,
    [dns_suffix, dual_stack_dns_suffix]: [&'static str; 2],
) -> Partition {
    Partition { name, region_prefix, dns_suffix, dual_stack_dns_suffix }
}

impl Partition {
    /// Returns the partition of a region.
    pub(super) fn of(region: &str) -> Self {
        OTHERS.iter().find(|partition| partition.contains(region)).copied().unwrap_or(AWS)
    }

    fn contains(&self, region: &str) -> bool {
        let is_global = || region.strip_suffix("-global") == Some(self.name);
        // aws-eusc has no global region.
        self.has_numbered(region) || (self.name != "aws-eusc" && is_global())
    }

    /// Whether the region is PREFIX-WORD-NUMBER.
    fn has_numbered(&self, region: &str) -> bool {
        let rest = region.strip_prefix(self.region_prefix).and_then(|rest| rest.strip_prefix('-'));
        let Some((word, number)) = rest.and_then(|rest| rest.split_once('-')) else { return false };
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let all = |text: &str, test: fn(u8) -> bool| !text.is_empty() && text.bytes().all(test);
        all(word, is_word) && all(number, |byte| byte.is_ascii_digit())
    }
}
