//! Tokens that are bound to a key of the client.

/// How to treat a token with `cnf` (RFC 7800): it is bound to a key, and its sender has to prove possession of that key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoundTokens {
    /// It is rejected: accepted as a bearer token, it would be valid for a thief too.
    #[default]
    Refuse,
    /// It is accepted only with the TLS client certificate whose thumbprint it contains (RFC 8705). The core checks the
    /// form of the binding; the caller, which knows the connection, has to compare the certificate.
    Mtls,
    /// It is accepted as a bearer token.
    Ignore,
}

impl BoundTokens {
    /// Parses the value of the npm package's option.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "refuse" => Some(Self::Refuse),
            "mtls" => Some(Self::Mtls),
            "ignore" => Some(Self::Ignore),
            _ => None,
        }
    }
}
