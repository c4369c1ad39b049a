//! URLs that this process may contact or believe.

use url::{Host, Url};

/// Whether a URL is HTTPS, or HTTP to a loopback address.
pub(crate) fn is_secure(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        // A name with a dot at the end is the same host in DNS, and another in every comparison.
        (_, Some(Host::Domain(name))) if name.ends_with('.') => false,
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        // RFC 6761, section 6.3: resolvers do not send this name to DNS.
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// Whether a URL has neither user name nor password, which would end up in logs.
pub(crate) fn has_no_credentials(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_are_secure() {
        for (text, secure) in [
            ("https://login.example", true),
            ("http://127.0.0.1:1", true),
            ("http://127.255.0.1", true),
            ("http://[::1]", true),
            ("http://localhost:8080", true),
            ("http://LOCALHOST", true),
            ("https://login.example.", false),
            ("http://localhost.", false),
            ("http://login.example", false),
            ("http://localhost.example", false),
            ("http://128.0.0.1", false),
            ("http://[::2]", false),
            ("ftp://localhost", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_secure(&Url::parse(text).unwrap()), secure, "{text}");
        }
    }

    #[test]
    fn a_user_name_alone_is_a_credential_and_so_is_a_password_alone() {
        for (text, none) in [
            ("https://login.example", true),
            ("https://user@login.example", false),
            ("https://user:secret@login.example", false),
            ("https://:secret@login.example", false),
        ] {
            assert_eq!(has_no_credentials(&Url::parse(text).unwrap()), none, "{text}");
        }
    }
}
