//! The forward proxy, and which URLs it is for: the only place where that is decided.

use core::net::{IpAddr, Ipv4Addr};
use std::fmt;

use serde_json::Value;
use url::{Host, Url};

/// A forward proxy for HTTPS. The address may hold a password, so there is no `Display`, and `Debug` prints nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Proxy {
    /// The address, with its credentials.
    pub url: String,
    /// What is contacted directly.
    pub except: Vec<ProxyException>,
}

/// Hosts that a proxy is not for: one entry of `NO_PROXY`, already read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProxyException {
    /// Which hosts.
    pub hosts: ProxyExceptionHosts,
    /// Only at this port, if one is named.
    pub port: Option<u16>,
}

/// The hosts of a [`ProxyException`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProxyExceptionHosts {
    /// A domain and all names below it. In lower case, without a dot at either end.
    Domain(String),
    /// The names below a domain, but not the domain itself.
    Subdomains(String),
    /// The addresses that agree with this one in so many of the first bits.
    Network(IpAddr, u8),
    /// The addresses from the first to the last.
    Range(Ipv4Addr, Ipv4Addr),
}

impl Proxy {
    /// A proxy for every host.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            except: Vec::new(),
        }
    }

    /// Whether a URL is fetched through the proxy. Plain HTTP is only spoken to this machine, without it.
    #[must_use]
    pub fn is_for(&self, url: &Url) -> bool {
        url.scheme() == "https" && !self.except.iter().any(|exception| exception.matches(url))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxy(…)")
    }
}

impl ProxyException {
    /// Reads the form in which JavaScript hands over its list: an array of arrays `[kind, a, b, port]`. `None` where it is
    /// anything else.
    #[must_use]
    pub fn list_from_json(json: &str) -> Option<Vec<Self>> {
        let Ok(Value::Array(entries)) = serde_json::from_str(json) else {
            return None;
        };
        entries.iter().map(Self::from_json).collect()
    }

    fn from_json(entry: &Value) -> Option<Self> {
        let [kind, first, second, port] = entry.as_array()?.as_slice() else {
            return None;
        };
        let first = first.as_str()?;
        let hosts = match kind.as_str()? {
            "domain" => ProxyExceptionHosts::Domain(first.to_owned()),
            "subdomains" => ProxyExceptionHosts::Subdomains(first.to_owned()),
            "network" => {
                let address: IpAddr = first.parse().ok()?;
                let bits = u8::try_from(second.as_u64()?).ok()?;
                let longest = if address.is_ipv4() { 32 } else { 128 };
                ProxyExceptionHosts::Network(address, (bits <= longest).then_some(bits)?)
            }
            "range" => ProxyExceptionHosts::Range(first.parse().ok()?, second.as_str()?.parse().ok()?),
            _ => return None,
        };
        let port = if port.is_null() {
            None
        } else {
            Some(u16::try_from(port.as_u64()?).ok()?)
        };
        Some(Self { hosts, port })
    }

    fn matches(&self, url: &Url) -> bool {
        if self.port.is_some() && self.port != url.port_or_known_default() {
            return false;
        }
        match (&self.hosts, url.host()) {
            (ProxyExceptionHosts::Domain(domain), Some(Host::Domain(name))) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                name == domain || is_below(name, domain)
            }
            (ProxyExceptionHosts::Subdomains(domain), Some(Host::Domain(name))) => {
                is_below(name.strip_suffix('.').unwrap_or(name), domain)
            }
            (ProxyExceptionHosts::Network(IpAddr::V4(network), bits), Some(Host::Ipv4(address))) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(*bits)
            }
            (ProxyExceptionHosts::Network(IpAddr::V6(network), bits), Some(Host::Ipv6(address))) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(*bits)
            }
            (ProxyExceptionHosts::Range(first, last), Some(Host::Ipv4(address))) => (*first..=*last).contains(&address),
            _ => false,
        }
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_direct(json: &str, url: &str) -> bool {
        let mut proxy = Proxy::new("http://proxy.example:8080");
        proxy.except = ProxyException::list_from_json(json).unwrap();
        !proxy.is_for(&Url::parse(url).unwrap())
    }

    #[test]
    fn an_exception_matches_its_hosts_and_no_others() {
        for (json, url, direct) in [
            ("[]", "https://corp.example", false),
            ("[]", "http://127.0.0.1", true),
            (r#"[["domain","corp.example",null,null]]"#, "https://corp.example", true),
            (
                r#"[["domain","corp.example",null,null]]"#,
                "https://KEYS.corp.example.",
                true,
            ),
            (
                r#"[["domain","corp.example",null,null]]"#,
                "https://notcorp.example",
                false,
            ),
            (
                r#"[["domain","keys.corp.example",null,null]]"#,
                "https://corp.example",
                false,
            ),
            (r#"[["domain","corp.example",null,443]]"#, "https://corp.example", true),
            (
                r#"[["domain","corp.example",null,443]]"#,
                "https://corp.example:8443",
                false,
            ),
            (
                r#"[["domain","corp.example",null,8443]]"#,
                "https://corp.example:8443",
                true,
            ),
            (
                r#"[["subdomains","corp.example",null,null]]"#,
                "https://corp.example",
                false,
            ),
            (
                r#"[["subdomains","corp.example",null,null]]"#,
                "https://keys.corp.example",
                true,
            ),
            (r#"[["network","10.0.0.0",8,null]]"#, "https://10.255.0.1", true),
            (r#"[["network","10.0.0.0",8,null]]"#, "https://11.0.0.1", false),
            (r#"[["network","10.0.0.0",0,null]]"#, "https://11.0.0.1", true),
            (r#"[["network","10.0.0.0",0,null]]"#, "https://[::1]", false),
            (r#"[["network","10.0.0.1",32,null]]"#, "https://10.0.0.2", false),
            (r#"[["network","fe80::",10,null]]"#, "https://[fe80::1]", true),
            (r#"[["network","fe80::",10,null]]"#, "https://[::1]", false),
            (r#"[["network","::1",128,8443]]"#, "https://[::1]:8443", true),
            (r#"[["network","::1",128,8443]]"#, "https://[::1]", false),
            (r#"[["range","10.0.0.5","10.0.0.9",null]]"#, "https://10.0.0.9", true),
            (r#"[["range","10.0.0.5","10.0.0.9",null]]"#, "https://10.0.0.10", false),
        ] {
            assert_eq!(is_direct(json, url), direct, "{json} {url}");
        }
    }

    #[test]
    fn a_list_of_another_form_is_none() {
        for json in [
            "",
            "{}",
            "corp.example",
            r#"[["all","",null,null]]"#,
            r#"[["domain","a",null]]"#,
            r#"[["domain","a",null,70000]]"#,
            r#"[["network","10.0.0.0",33,null]]"#,
            r#"[["network","corp.example",8,null]]"#,
            r#"[["range","10.0.0.0","::1",null]]"#,
        ] {
            assert_eq!(ProxyException::list_from_json(json), None, "{json}");
        }
    }
}
