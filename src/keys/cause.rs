//! Why keys could not be fetched: each cause with a stable word, a message and what to do.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::{JwkSetError, MetadataError, ProxyProblem, TlsProblem};

/// Why there is no answer with keys. Messages and hints hold no URL, token or secret, and no host but those of Entra.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchCause {
    /// The name of the authority cannot be resolved; with the host, if it is one of Entra's clouds.
    Name(Option<&'static str>),
    /// Nothing listens there; with the host, if it is one of Entra's clouds.
    ConnectionRefused(Option<&'static str>),
    /// The connection was reset, or closed before the answer was complete.
    ConnectionClosed,
    /// There is no route to the host or network, or connecting failed for another reason.
    Unreachable,
    /// The system does not let this process open a connection.
    NotPermitted,
    /// No connection, TLS included, within this time.
    ConnectTimeout(Duration),
    /// No complete answer within this time.
    Timeout(Duration),
    /// TLS failed, or the certificate was not accepted; with what is wrong.
    Tls(TlsProblem),
    /// There are no root certificates, so that no server can be trusted.
    NoRoots,
    /// The proxy does not connect; with what is wrong.
    Proxy(ProxyProblem),
    /// The answer is not HTTP/1.1.
    NotHttp,
    /// The server only speaks HTTP/2.
    Http2Only,
    /// A status of the 3xx class; redirects are not followed.
    Redirect(u16),
    /// 429: too many requests.
    Throttled,
    /// A status of the 5xx class.
    ServerError(u16),
    /// Any other status than 200.
    Status {
        /// The status.
        status: u16,
        /// Entra's error, `AADSTS` and digits, where the answer names one.
        aadsts: Option<String>,
    },
    /// The answer is compressed, although `identity` was asked for; with the coding's name.
    Compressed(&'static str),
    /// The answer is an HTML page; with its title.
    Html(Option<String>),
    /// The answer is larger than this many bytes.
    TooLarge(usize),
    /// The answer is not a key set, or has no usable key.
    KeySet(JwkSetError),
    /// The authority's metadata is not believed.
    Metadata(MetadataError),
    /// The metadata of a domain names another tenant than before.
    OtherTenant {
        /// The tenant that the process first found.
        first: String,
        /// The one that the domain belongs to now.
        now: String,
    },
    /// The HTTP client cannot be set up; with what is wrong.
    Setup(String),
    /// The thread that fetched was stopped, or could not be started.
    Stopped,
    /// Keys are not fetched (`jwksUri: false`), and none were given.
    NotGiven,
}

/// Entra's errors that say that Entra, or its limits, are the reason.
const TRANSIENT: [&str; 4] = ["AADSTS90006", "AADSTS90024", "AADSTS90033", "AADSTS90055"];

/// Entra's errors that say that the cloud has no such tenant.
const NO_TENANT: [&str; 2] = ["AADSTS90002", "AADSTS900023"];

impl FetchCause {
    /// A stable word, in kebab-case.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::ConnectionRefused(_) => "connection-refused",
            Self::ConnectionClosed => "connection-closed",
            Self::Unreachable => "unreachable",
            Self::NotPermitted => "not-permitted",
            Self::ConnectTimeout(_) => "connect-timeout",
            Self::Timeout(_) => "timeout",
            Self::Tls(problem) => problem.reason(),
            Self::NoRoots => "no-roots",
            Self::Proxy(problem) => problem.reason(),
            Self::NotHttp => "not-http",
            Self::Http2Only => "http2-only",
            Self::Redirect(_) => "redirect",
            Self::Throttled => "throttled",
            Self::ServerError(_) => "server-error",
            Self::Status { .. } => "http-status",
            Self::Compressed(_) => "compressed",
            Self::Html(_) => "html",
            Self::TooLarge(_) => "too-large",
            Self::KeySet(error) => match error {
                JwkSetError::NotJson => "not-json",
                JwkSetError::NotASet => "not-a-key-set",
                JwkSetError::TooMany { .. } => "too-many-keys",
                JwkSetError::NoUsableKey { .. } => "no-usable-key",
            },
            Self::Metadata(error) => match error {
                MetadataError::NotMetadata => "not-metadata",
                MetadataError::Issuer => "issuer",
                MetadataError::JwksUri => "jwks-uri",
            },
            Self::OtherTenant { .. } => "other-tenant",
            Self::Setup(_) => "setup",
            Self::Stopped => "stopped",
            Self::NotGiven => "not-given",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Cow<'static, str> {
        let text = match self {
            Self::Name(host) => return unresolved(*host).into(),
            Self::ConnectionRefused(host) => return refused(*host).into(),
            Self::ConnectionClosed => {
                "the server, or a firewall or proxy on the way, closed the connection; if it persists, look for the reason \
                 there"
            }
            Self::Unreachable | Self::ConnectTimeout(_) => {
                "let this process connect to the authority (firewall, egress rule, route), or set HTTPS_PROXY if a proxy is \
                 required"
            }
            Self::NotPermitted => {
                "the system does not permit this process to connect: check its sandbox, seccomp profile or network policy"
            }
            Self::Timeout(_) => {
                "the authority was reached but did not respond in time; the option keys.timeout extends the limit"
            }
            Self::Tls(problem) => problem.hint(),
            Self::NoRoots => {
                "check --use-openssl-ca with SSL_CERT_FILE, or install ca-certificates; the option ca or NODE_EXTRA_CA_CERTS \
                 adds one"
            }
            Self::Proxy(problem) => problem.hint(),
            Self::NotHttp => {
                "the port serves another protocol, or a server that only supports HTTP/2; HTTP/1.1 is required"
            }
            Self::Http2Only => "enable HTTP/1.1 on the server, or name another in jwksUri or authority",
            Self::Redirect(_) => {
                "redirects are not followed: if this one leads to the authority, set ENTRA_AUTHORITY_HOST (option authorityHost, \
                 authority, jwksUri) to that address; if to a login page (captive portal), a filter or a proxy, sign in there, \
                 or have this process let through"
            }
            Self::Throttled => {
                "the authority throttles requests; nothing is wrong with the tenant or the configuration"
            }
            Self::ServerError(_) => {
                "the authority, or a proxy in front of it, has a temporary failure; nothing is wrong with the tenant or the \
                 configuration"
            }
            Self::Status { aadsts: Some(code), .. } if TRANSIENT.contains(&code.as_str()) => {
                "Entra has a temporary failure; nothing is wrong with the tenant or the configuration"
            }
            Self::Status { aadsts: Some(code), .. } if NO_TENANT.contains(&code.as_str()) => {
                "there is no such tenant in this cloud: set ENTRA_TENANT_ID (option tenantId) to the Directory (tenant) ID, from \
                 Overview of the API's registration; if it is that, ENTRA_AUTHORITY_HOST (option authorityHost) to the host of the \
                 tenant's cloud"
            }
            Self::Status { aadsts: Some(_), .. } => {
                "Entra rejects the request: check ENTRA_TENANT_ID and ENTRA_AUTHORITY_HOST (option tenantId, authorityHost), and \
                 search for the AADSTS code"
            }
            Self::Status { aadsts: None, .. } => {
                "check ENTRA_AUTHORITY_HOST and ENTRA_TENANT_ID (option authorityHost, tenantId, authority, jwksUri); a proxy or \
                 gateway on the way may answer too"
            }
            Self::Compressed(_) => "configure the server or its gateway to respect Accept-Encoding: identity",
            Self::Html(_) => {
                "a web page was returned instead of keys: look for a login page or a filter on the way, or a wrong authority or jwksUri"
            }
            Self::TooLarge(_)
            | Self::KeySet(JwkSetError::NotASet | JwkSetError::TooMany { .. } | JwkSetError::NotJson) => {
                "check that the option authority or jwksUri points to a JWK Set (RFC 7517)"
            }
            Self::KeySet(JwkSetError::NoUsableKey { .. }) => {
                "only the publisher of the key set can fix it; check that jwksUri points to the right one"
            }
            Self::Metadata(MetadataError::NotMetadata) => {
                "check that the option authority leads to an OpenID provider, whose metadata is at \
                 /.well-known/openid-configuration"
            }
            Self::Metadata(MetadataError::Issuer) => {
                "the authority speaks for another issuer than its own: set the option authority to the URL of the issuer, or \
                 name both issuer and jwksUri"
            }
            Self::Metadata(MetadataError::JwksUri) => {
                "only the publisher of the metadata can fix it; the option jwksUri overrides the address"
            }
            Self::OtherTenant { .. } => "set tenantId to the id of the intended tenant",
            Self::Setup(_) => "check the options ca and proxy",
            Self::Stopped => "the process could not start a thread, or is exiting; check its limits",
            Self::NotGiven => {
                "call updateKeys with the key set that the application fetched, before tokens are verified"
            }
        };
        text.into()
    }

    /// Whether a second try at once may succeed.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Name(_)
                | Self::ConnectionRefused(_)
                | Self::ConnectionClosed
                | Self::Unreachable
                | Self::ConnectTimeout(_)
                | Self::Tls(_)
                | Self::NotHttp
                | Self::Throttled
                | Self::ServerError(_)
        ) || matches!(self, Self::Proxy(problem) if problem.is_passing())
    }
}

/// The settings that name a host. A host of Entra's is spelt right, and is the default if none of them is set.
const HOST_SETTINGS: &str = "ENTRA_AUTHORITY_HOST (option authorityHost, authority, jwksUri)";

fn unresolved(of_entra: Option<&str>) -> String {
    let check = of_entra.map_or_else(
        || format!("check the spelling of the host in {HOST_SETTINGS}, and the name server of this host or container"),
        |host| format!("check that the name server of this host or container resolves {host}"),
    );
    format!("{check}; set HTTPS_PROXY if a proxy is required")
}

fn refused(of_entra: Option<&str>) -> String {
    of_entra.map_or_else(
        || format!("check {HOST_SETTINGS}: nothing listens at this host and port, or a firewall rejects the connection"),
        |host| {
            format!(
                "let this process connect to {host}: a firewall rejects the connection, or the name resolves to another server here; \
                 set HTTPS_PROXY if a proxy is required"
            )
        },
    )
}

impl fmt::Display for FetchCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(_) => f.write_str("connection failed: the name cannot be resolved"),
            Self::ConnectionRefused(_) => f.write_str("connection failed: connection refused"),
            Self::ConnectionClosed => f.write_str("transfer failed: the connection was closed too early"),
            Self::Unreachable => f.write_str("connection failed: the host is unreachable"),
            Self::NotPermitted => f.write_str("connection failed: this process is not permitted to connect"),
            Self::ConnectTimeout(limit) => write!(f, "no connection within {} s", limit.as_secs_f64()),
            Self::Timeout(limit) => write!(f, "no answer within {} s", limit.as_secs_f64()),
            Self::Tls(problem) => write!(f, "connection failed: {problem}"),
            Self::NoRoots => f.write_str("no certificate authority is trusted: the list of root certificates is empty"),
            Self::Proxy(problem) => problem.fmt(f),
            Self::Setup(problem) => f.write_str(problem),
            Self::NotHttp => f.write_str("transfer failed: the answer is not HTTP/1.1"),
            Self::Http2Only => f.write_str("connection failed: the server does not speak HTTP/1.1, only HTTP/2"),
            Self::Throttled => f.write_str("the authority answered 429"),
            Self::Redirect(status) | Self::ServerError(status) | Self::Status { status, aadsts: None } => {
                write!(f, "the authority answered {status}")
            }
            Self::Status {
                status,
                aadsts: Some(code),
            } => write!(f, "the authority answered {status} ({code})"),
            Self::Compressed(coding) => write!(f, "the answer is compressed ({coding}), which was not asked for"),
            Self::Html(None) => f.write_str("the answer is an HTML page, not JSON"),
            Self::Html(Some(title)) => write!(f, "the answer is an HTML page (\"{title}\"), not JSON"),
            Self::TooLarge(limit) => write!(f, "the answer is larger than {limit} bytes"),
            Self::KeySet(error) => error.fmt(f),
            Self::Metadata(error) => error.fmt(f),
            Self::OtherTenant { first, now } => write!(
                f,
                "the domain belongs to tenant {now}, but belonged to tenant {first} when this process first resolved it"
            ),
            Self::Stopped => f.write_str("the fetch was stopped"),
            Self::NotGiven => f.write_str("no key set was given to updateKeys, and none is fetched"),
        }
    }
}

impl From<JwkSetError> for FetchCause {
    fn from(error: JwkSetError) -> Self {
        Self::KeySet(error)
    }
}

impl From<MetadataError> for FetchCause {
    fn from(error: MetadataError) -> Self {
        Self::Metadata(error)
    }
}

#[cfg(test)]
impl FetchCause {
    /// One of each.
    pub(crate) fn every() -> Vec<Self> {
        let second = Duration::from_secs(1);
        let mut causes = vec![
            Self::Name(None),
            Self::ConnectionRefused(None),
            Self::ConnectionClosed,
            Self::Unreachable,
            Self::NotPermitted,
            Self::ConnectTimeout(second),
            Self::Timeout(second),
            Self::NoRoots,
            Self::NotHttp,
            Self::Http2Only,
            Self::Redirect(302),
            Self::Throttled,
            Self::ServerError(503),
            Self::Status {
                status: 400,
                aadsts: Some("AADSTS90002".to_owned()),
            },
            Self::Compressed("gzip"),
            Self::Html(None),
            Self::TooLarge(1),
            Self::KeySet(JwkSetError::NotJson),
            Self::KeySet(JwkSetError::NotASet),
            Self::KeySet(JwkSetError::TooMany { found: 101 }),
            Self::KeySet(JwkSetError::NoUsableKey {
                found: 0,
                skipped: Vec::new(),
            }),
            Self::Metadata(MetadataError::NotMetadata),
            Self::Metadata(MetadataError::Issuer),
            Self::Metadata(MetadataError::JwksUri),
            Self::OtherTenant {
                first: "a".to_owned(),
                now: "b".to_owned(),
            },
            Self::Setup("the proxy cannot be used".to_owned()),
            Self::Stopped,
            Self::NotGiven,
        ];
        causes.extend(ProxyProblem::every().into_iter().map(Self::Proxy));
        causes.extend(TlsProblem::every().map(Self::Tls));
        causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_causes_of_reaching_the_authority_say_to_look_at_the_way_there() {
        for cause in FetchCause::every() {
            let on_the_way = matches!(
                cause,
                FetchCause::Name(_)
                    | FetchCause::ConnectionRefused(_)
                    | FetchCause::ConnectionClosed
                    | FetchCause::Unreachable
                    | FetchCause::NotPermitted
                    | FetchCause::ConnectTimeout(_)
            );
            let says = [
                "firewall",
                "let this process connect",
                "name server",
                "does not permit this process",
            ];
            assert_eq!(
                says.iter().any(|text| cause.hint().contains(text)),
                on_the_way,
                "{cause}"
            );
        }
    }

    #[test]
    fn a_host_of_entra_that_is_not_reached_is_named_and_a_setting_for_any_other() {
        for host in [Some("login.microsoftonline.com"), None] {
            for cause in [FetchCause::Name(host), FetchCause::ConnectionRefused(host)] {
                let hint = cause.hint();
                assert_eq!(host.is_some_and(|host| hint.contains(host)), host.is_some(), "{hint}");
                let has_setting = hint.contains("ENTRA_AUTHORITY_HOST (option authorityHost,");
                assert_eq!(has_setting, host.is_none(), "{hint}");
            }
        }
    }

    #[test]
    fn a_hint_names_what_to_look_at() {
        for problem in TlsProblem::every() {
            let named = ["certificate", "server", "ENTRA_AUTHORITY_HOST"];
            assert!(named.iter().any(|it| problem.hint().contains(it)), "{problem}");
        }
        for problem in ProxyProblem::every() {
            let named = ["HTTPS_PROXY", "NO_PROXY", "doctor"];
            assert!(named.iter().any(|it| problem.hint().contains(it)), "{problem}");
        }
    }

    #[test]
    fn a_second_try_at_once_is_for_what_may_pass_by_itself() {
        let passing = [
            "name",
            "connection-refused",
            "connection-closed",
            "unreachable",
            "connect-timeout",
            "not-http",
            "throttled",
            "server-error",
        ];
        for cause in FetchCause::every() {
            let expected = match &cause {
                FetchCause::Proxy(problem) => problem.is_passing(),
                FetchCause::Tls(_) => true,
                other => passing.contains(&other.reason()),
            };
            assert_eq!(cause.is_passing(), expected, "{}", cause.reason());
        }
        let rejected = FetchCause::Proxy(ProxyProblem::CredentialsRejected);
        assert!(FetchCause::Proxy(ProxyProblem::Closed).is_passing() && !rejected.is_passing());
    }

    #[test]
    fn a_tenant_that_does_not_exist_is_said() {
        let hint = |code: &str| {
            let aadsts = Some(code.to_owned());
            FetchCause::Status { status: 400, aadsts }.hint()
        };
        for code in NO_TENANT {
            assert!(hint(code).contains("no such tenant"), "{code}");
        }
        assert!(!hint("AADSTS50034").contains("no such tenant"));
    }

    #[test]
    fn what_is_wrong_at_the_authority_is_not_blamed_on_the_tenant() {
        let transient = FetchCause::Status {
            status: 400,
            aadsts: Some("AADSTS90033".to_owned()),
        };
        for cause in [
            FetchCause::Throttled,
            FetchCause::ServerError(500),
            FetchCause::ServerError(503),
            transient,
        ] {
            assert!(!cause.hint().contains("ENTRA_"), "{cause}");
            assert!(cause.hint().contains("nothing is wrong with the tenant"), "{cause}");
        }
    }
}
