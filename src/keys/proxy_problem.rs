//! Why a forward proxy does not connect, in words that the core and `doctor` share.

use std::fmt;
use std::time::Duration;

/// Why a proxy does not connect. Text and hint repeat nothing that the proxy says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyProblem {
    /// The proxy's name cannot be resolved.
    Name,
    /// Nothing listens there.
    ConnectionRefused,
    /// There is no route to the proxy.
    Unreachable,
    /// The proxy does not answer.
    NoAnswer,
    /// No connection through the proxy within this time.
    Timeout(Duration),
    /// The proxy closed the connection without an answer.
    Closed,
    /// The answer is not HTTP.
    NotHttp,
    /// 407: the proxy wants credentials by these schemes, none of which is supported.
    UnsupportedSchemes(Vec<&'static str>),
    /// 407, and there are no credentials.
    CredentialsMissing,
    /// 407, although there are credentials.
    CredentialsRejected,
    /// 401 or 403: the proxy does not allow the host.
    Refused(u16),
    /// A status of the 5xx class: the proxy cannot connect to the host.
    CannotConnect(u16),
    /// Any other status than 200.
    Status(u16),
    /// It was not found out.
    Unknown,
}

const CHECK_ADDRESS: &str = "check HTTPS_PROXY (option proxy)";

impl ProxyProblem {
    /// A stable word, in kebab-case.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Name => "proxy-name",
            Self::ConnectionRefused => "proxy-connection-refused",
            Self::Unreachable => "proxy-unreachable",
            Self::NoAnswer | Self::Timeout(_) => "proxy-timeout",
            Self::Closed => "proxy-closed",
            Self::NotHttp => "proxy-not-http",
            Self::UnsupportedSchemes(_) => "proxy-unsupported-scheme",
            Self::CredentialsMissing => "proxy-credentials-missing",
            Self::CredentialsRejected => "proxy-credentials-rejected",
            Self::Refused(_) => "proxy-refused",
            Self::CannotConnect(_) => "proxy-cannot-connect",
            Self::Status(_) => "proxy-status",
            Self::Unknown => "proxy",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Name
            | Self::ConnectionRefused
            | Self::Unreachable
            | Self::NoAnswer
            | Self::Closed
            | Self::NotHttp
            | Self::Status(_) => CHECK_ADDRESS,
            Self::Timeout(_) => "check HTTPS_PROXY (option proxy) and the outbound connection of the proxy",
            Self::UnsupportedSchemes(_) => {
                "run a local helper such as cntlm or px, and set HTTPS_PROXY (option proxy) to it"
            }
            Self::CredentialsMissing => "add the credentials to HTTPS_PROXY (option proxy), percent-encoded",
            Self::CredentialsRejected => "correct the credentials in HTTPS_PROXY (option proxy), percent-encoded",
            Self::Refused(_) => "allow the host in the proxy, or add it to NO_PROXY",
            Self::CannotConnect(_) => {
                "check the host name and the outbound connection of the proxy, or add the host to NO_PROXY"
            }
            Self::Unknown => "run npx entra-jwt-verify doctor to see why",
        }
    }

    /// Whether a second try at once may succeed: not where the proxy said no, since passwords are locked by that.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::ConnectionRefused
                | Self::Unreachable
                | Self::NoAnswer
                | Self::Timeout(_)
                | Self::Closed
                | Self::CannotConnect(_)
                | Self::Unknown
        )
    }
}

impl fmt::Display for ProxyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the name of the proxy cannot be resolved"),
            Self::ConnectionRefused => f.write_str("the proxy refused the connection: nothing listens there"),
            Self::Unreachable => f.write_str("the proxy is unreachable"),
            Self::NoAnswer => f.write_str("the proxy does not answer"),
            Self::Timeout(limit) => write!(f, "the proxy gave no connection within {} s", limit.as_secs_f64()),
            Self::Closed => f.write_str("the proxy closed the connection without an answer"),
            Self::NotHttp => f.write_str("the proxy does not speak HTTP"),
            Self::UnsupportedSchemes(offered) => write!(
                f,
                "the proxy wants credentials by {} (407), which is not supported",
                offered.join(" or ")
            ),
            Self::CredentialsMissing => f.write_str("the proxy wants a user name and a password (407)"),
            Self::CredentialsRejected => f.write_str("the proxy does not accept the user name or the password (407)"),
            Self::Refused(status) => write!(f, "the proxy refuses the authority's host ({status})"),
            Self::CannotConnect(status) => {
                write!(f, "the proxy could not connect to the authority's host ({status})")
            }
            Self::Status(status) => write!(f, "the proxy answered {status} in place of a tunnel"),
            Self::Unknown => f.write_str("connection failed: the proxy did not connect"),
        }
    }
}

#[cfg(test)]
impl ProxyProblem {
    /// One of each reason.
    pub(crate) fn every() -> Vec<Self> {
        vec![
            Self::Name,
            Self::ConnectionRefused,
            Self::Unreachable,
            Self::Timeout(Duration::from_secs(1)),
            Self::Closed,
            Self::NotHttp,
            Self::UnsupportedSchemes(vec!["NTLM"]),
            Self::CredentialsMissing,
            Self::CredentialsRejected,
            Self::Refused(403),
            Self::CannotConnect(502),
            Self::Status(418),
            Self::Unknown,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_try_at_once_is_not_for_what_the_proxy_said() {
        let said = |problem: &ProxyProblem| {
            matches!(
                problem.reason(),
                "proxy-not-http"
                    | "proxy-unsupported-scheme"
                    | "proxy-credentials-missing"
                    | "proxy-credentials-rejected"
                    | "proxy-refused"
                    | "proxy-status"
            )
        };
        for problem in ProxyProblem::every() {
            assert_eq!(problem.is_passing(), !said(&problem), "{problem}");
        }
    }
}
