//! Microsoft's clouds: the only table of their hosts, their issuers and the names that their keys carry.

/// One of Microsoft's clouds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cloud {
    /// As Microsoft's documentation calls it.
    pub(crate) name: &'static str,
    /// The hosts of the cloud. Issuers of v2 tokens name the first, the others are its aliases
    /// (`/common/discovery/instance`).
    pub(crate) hosts: &'static [&'static str],
    /// What stands before the tenant in the issuer of a v1 token; a slash follows the tenant.
    pub(crate) issuer_prefix_v1: &'static str,
    /// What stands before the tenant in the issuer of a v2 token; `/v2.0` follows the tenant.
    pub(crate) issuer_prefix_v2: &'static str,
    /// `cloud_instance_name` of the cloud's keys.
    pub(crate) instance_name: &'static str,
}

/// Issuer prefix of v1 tokens of every cloud but China, also of hosts that are not in the table.
pub(crate) const ISSUER_PREFIX_V1: &str = "https://sts.windows.net/";

/// The cloud that is meant where no host is configured.
pub(crate) static PUBLIC: &Cloud = &CLOUDS[0];

/// The table.
pub(crate) static CLOUDS: [Cloud; 3] = [
    Cloud {
        name: "public",
        hosts: &[
            "login.microsoftonline.com",
            "login.windows.net",
            "login.microsoft.com",
            "sts.windows.net",
        ],
        issuer_prefix_v1: ISSUER_PREFIX_V1,
        issuer_prefix_v2: "https://login.microsoftonline.com/",
        instance_name: "microsoftonline.com",
    },
    Cloud {
        name: "US Government",
        hosts: &["login.microsoftonline.us", "login.usgovcloudapi.net"],
        issuer_prefix_v1: ISSUER_PREFIX_V1,
        issuer_prefix_v2: "https://login.microsoftonline.us/",
        instance_name: "microsoftonline.us",
    },
    Cloud {
        name: "China",
        hosts: &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
        issuer_prefix_v1: "https://sts.chinacloudapi.cn/",
        issuer_prefix_v2: "https://login.partner.microsoftonline.cn/",
        instance_name: "partner.microsoftonline.cn",
    },
];

impl Cloud {
    /// The cloud that a host belongs to; `None` for a host that is not in the table.
    pub(crate) fn of_host(host: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| cloud.hosts.contains(&host))
    }

    /// What `authorityHost` is set to for this cloud: an origin without a trailing slash.
    pub(crate) fn authority_host(&self) -> &'static str {
        self.issuer_prefix_v2.trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v2_issuers_name_the_first_host() {
        for cloud in &CLOUDS {
            assert_eq!(cloud.issuer_prefix_v2, format!("https://{}/", cloud.hosts[0]));
            assert_eq!(cloud.authority_host(), format!("https://{}", cloud.hosts[0]));
        }
    }

    #[test]
    fn a_host_belongs_to_one_cloud() {
        for cloud in &CLOUDS {
            for host in cloud.hosts {
                assert_eq!(Cloud::of_host(host), Some(cloud), "{host}");
                assert_eq!(CLOUDS.iter().filter(|other| other.hosts.contains(host)).count(), 1);
            }
        }
        for host in ["", "microsoftonline.com", "login.microsoftonline.com.attacker.example"] {
            assert_eq!(Cloud::of_host(host), None, "{host}");
        }
    }
}
