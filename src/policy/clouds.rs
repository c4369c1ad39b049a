//! Microsoft's clouds: the only table of their hosts, issuers and the cloud names in their keys. It has every cloud
//! that Microsoft's client libraries (MSAL) know.

use super::Version;

/// One of Microsoft's clouds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cloud {
    /// The name in Microsoft's documentation.
    pub(crate) name: &'static str,
    /// The hosts of the cloud. Issuers of v2 tokens have the first, the others are its aliases
    /// (`/common/discovery/instance`).
    pub(crate) hosts: &'static [&'static str],
    /// The prefix before the tenant in the issuer of a v1 token; a slash follows the tenant. `None` if it is not
    /// publicly documented: then only v2 tokens are accepted.
    pub(crate) issuer_prefix_v1: Option<&'static str>,
    /// The prefix before the tenant in the issuer of a v2 token; `/v2.0` follows the tenant.
    pub(crate) issuer_prefix_v2: &'static str,
    /// `cloud_instance_name` of the cloud's keys, if it is known.
    pub(crate) instance_name: Option<&'static str>,
}

/// Issuer prefix of v1 tokens of the public and the US Government cloud, and of hosts that are not in the table.
pub(crate) const ISSUER_PREFIX_V1: &str = "https://sts.windows.net/";

/// The default cloud.
pub(crate) static PUBLIC: &Cloud = &CLOUDS[0];

/// The table.
pub(crate) static CLOUDS: [Cloud; 8] = [
    Cloud {
        name: "public",
        hosts: &[
            "login.microsoftonline.com",
            "login.windows.net",
            "login.microsoft.com",
            "sts.windows.net",
        ],
        issuer_prefix_v1: Some(ISSUER_PREFIX_V1),
        issuer_prefix_v2: "https://login.microsoftonline.com/",
        instance_name: Some("microsoftonline.com"),
    },
    Cloud {
        name: "US Government",
        hosts: &["login.microsoftonline.us", "login.usgovcloudapi.net"],
        issuer_prefix_v1: Some(ISSUER_PREFIX_V1),
        issuer_prefix_v2: "https://login.microsoftonline.us/",
        instance_name: Some("microsoftonline.us"),
    },
    Cloud {
        name: "China",
        hosts: &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
        issuer_prefix_v1: Some("https://sts.chinacloudapi.cn/"),
        issuer_prefix_v2: "https://login.partner.microsoftonline.cn/",
        instance_name: Some("partner.microsoftonline.cn"),
    },
    Cloud {
        name: "US Government (login-us)",
        hosts: &["login-us.microsoftonline.com"],
        issuer_prefix_v1: None,
        issuer_prefix_v2: "https://login-us.microsoftonline.com/",
        instance_name: None,
    },
    Cloud {
        name: "Germany (closed in 2021)",
        hosts: &["login.microsoftonline.de"],
        issuer_prefix_v1: Some("https://sts.microsoftonline.de/"),
        issuer_prefix_v2: "https://login.microsoftonline.de/",
        instance_name: None,
    },
    Cloud {
        name: "Bleu (France)",
        hosts: &["login.sovcloud-identity.fr"],
        issuer_prefix_v1: None,
        issuer_prefix_v2: "https://login.sovcloud-identity.fr/",
        instance_name: None,
    },
    Cloud {
        name: "Delos (Germany)",
        hosts: &["login.sovcloud-identity.de"],
        issuer_prefix_v1: None,
        issuer_prefix_v2: "https://login.sovcloud-identity.de/",
        instance_name: None,
    },
    Cloud {
        name: "GovSG (Singapore)",
        hosts: &["login.sovcloud-identity.sg"],
        issuer_prefix_v1: None,
        issuer_prefix_v2: "https://login.sovcloud-identity.sg/",
        instance_name: None,
    },
];

impl Cloud {
    /// The cloud that a host belongs to; `None` for a host that is not in the table.
    pub(crate) fn of_host(host: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| cloud.hosts.contains(&host))
    }

    /// A host of any cloud, as it stands in the table.
    #[cfg(feature = "fetch")]
    pub(crate) fn known_host(host: &str) -> Option<&'static str> {
        Self::of_host(host)?.hosts.iter().copied().find(|known| *known == host)
    }

    /// The tenant segment of an issuer of this cloud; `None` for any other issuer.
    pub(crate) fn tenant_segment<'i>(&self, issuer: &'i str, version: Version) -> Option<&'i str> {
        match version {
            Version::V1 => issuer.strip_prefix(self.issuer_prefix_v1?)?.strip_suffix('/'),
            Version::V2 => issuer.strip_prefix(self.issuer_prefix_v2)?.strip_suffix("/v2.0"),
        }
    }

    /// Whether a key with this `cloud_instance_name` may belong to this cloud. If the cloud's own name is unknown, only
    /// keys with the name of another cloud are rejected.
    pub(crate) fn may_have_key_of(&self, instance_name: &str) -> bool {
        match self.instance_name {
            Some(own) => own == instance_name,
            None => CLOUDS.iter().all(|cloud| cloud.instance_name != Some(instance_name)),
        }
    }

    /// The value of `authorityHost` for this cloud: an origin without a trailing slash.
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
        assert!(CLOUDS[0].may_have_key_of("microsoftonline.com") && !CLOUDS[0].may_have_key_of("microsoftonline.us"));
        let unnamed = Cloud::of_host("login.sovcloud-identity.fr").unwrap();
        assert!(unnamed.may_have_key_of("sovcloud-identity.fr") && !unnamed.may_have_key_of("microsoftonline.com"));
        for host in ["", "microsoftonline.com", "login.microsoftonline.com.attacker.example"] {
            assert_eq!(Cloud::of_host(host), None, "{host}");
        }
    }
}
