//! What went wrong with TLS, in words of ours: those of rustls name hosts.

use std::fmt;

/// What went wrong with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsProblem {
    /// Nobody who is trusted has signed the certificate.
    UnknownIssuer,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotValidYet,
    /// The certificate is for another host.
    OtherName,
    /// The certificate has no `subjectAltName`.
    NoName,
    /// A key or a signature in the chain is of a kind that is not supported.
    UnsupportedAlgorithm,
    /// A signature does not verify.
    BadSignature,
    /// The server's certificate is that of a certificate authority.
    CertificateAuthority,
    /// The certificate is not X.509 version 3.
    CertificateVersion,
    /// The certificate is not valid for another reason.
    Certificate,
    /// The server speaks no TLS that is supported.
    NothingInCommon,
    /// The server refused the handshake.
    Refused,
    /// The answer is not TLS.
    NotTls,
    /// Anything else.
    Other,
}

impl TlsProblem {
    /// A stable word, in kebab-case.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::UnknownIssuer => "tls-unknown-issuer",
            Self::Expired => "tls-expired",
            Self::NotValidYet => "tls-not-valid-yet",
            Self::OtherName => "tls-other-name",
            Self::NoName => "tls-no-name",
            Self::UnsupportedAlgorithm => "tls-unsupported-algorithm",
            Self::BadSignature => "tls-bad-signature",
            Self::CertificateAuthority => "tls-certificate-authority",
            Self::CertificateVersion => "tls-certificate-version",
            Self::Certificate => "tls-certificate",
            Self::NothingInCommon => "tls-nothing-in-common",
            Self::Refused => "tls-refused",
            Self::NotTls => "not-tls",
            Self::Other => "tls",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "if TLS is inspected on the way, or the CA is your own, name its certificate in NODE_EXTRA_CA_CERTS (option \
                 ca)"
            }
            Self::Expired | Self::NotValidYet => {
                "check this host's clock; if it is right, renew the server's certificate"
            }
            Self::OtherName => {
                "check ENTRA_AUTHORITY_HOST (option authorityHost, authority, jwksUri), and that DNS resolves to the right server"
            }
            Self::NoName => "replace the certificate with one that has the host in its subjectAltName",
            Self::CertificateAuthority => {
                "use a certificate that was made for a server; this one would have to be self-signed, for servers, and itself in \
                 the option ca or NODE_EXTRA_CA_CERTS"
            }
            Self::UnsupportedAlgorithm | Self::BadSignature | Self::CertificateVersion | Self::Certificate => {
                "replace the certificate of the server, or of the appliance that inspects TLS"
            }
            Self::NothingInCommon => "enable one of these on the server, or on the appliance that inspects TLS",
            Self::Refused | Self::Other => {
                "look into the logs of the server, or of whatever inspects TLS on the way; npx entra-jwt-verify doctor shows \
                 each step"
            }
            Self::NotTls => {
                "check the port: it serves another protocol, or a network device answers instead of the server"
            }
        }
    }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "the certificate has an unknown issuer (UnknownIssuer)",
            Self::Expired => "the certificate has expired",
            Self::NotValidYet => "the certificate is not valid yet",
            Self::OtherName => "the certificate is for another name",
            Self::NoName => {
                "the certificate names no host in its subjectAltName; a common name (CN) alone is not accepted"
            }
            Self::UnsupportedAlgorithm => {
                "the certificate, or one that signed it, has a key or a signature that is not supported, such as SHA-1"
            }
            Self::BadSignature => {
                "a signature of the certificate, or by its key, does not verify; RSA keys of less than 2048 bits are not \
                 supported"
            }
            Self::CertificateAuthority => "the server's certificate is a CA certificate (CA:TRUE)",
            Self::CertificateVersion => "the certificate is not X.509 version 3",
            Self::Certificate => "the certificate is not valid",
            // Where Node would still speak: RSA key exchange, CBC, and P-521, as the only curve or, over TLS 1.2, as the
            // certificate's.
            Self::NothingInCommon => {
                "the server speaks no TLS that is supported: TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM or ChaCha20, over \
                 X25519, P-256 or P-384, with a certificate of RSA, P-256 or P-384"
            }
            Self::Refused => "the server refused the TLS handshake",
            Self::NotTls => "the answer is not TLS",
            Self::Other => "TLS failed",
        })
    }
}

#[cfg(test)]
impl TlsProblem {
    /// One of each.
    pub(crate) const fn every() -> [Self; 14] {
        [
            Self::UnknownIssuer,
            Self::Expired,
            Self::NotValidYet,
            Self::OtherName,
            Self::NoName,
            Self::UnsupportedAlgorithm,
            Self::BadSignature,
            Self::CertificateAuthority,
            Self::CertificateVersion,
            Self::Certificate,
            Self::NothingInCommon,
            Self::Refused,
            Self::NotTls,
            Self::Other,
        ]
    }
}
