//! The checks of one token, each with its outcome.

use crate::error::Error;

/// One rule of the pipeline, or several that are checked together.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// How it ended.
    pub outcome: Outcome,
    /// The accepted values, as text.
    pub expected: Option<String>,
    /// The value in the token, as text.
    pub found: Option<String>,
    /// What to do if it failed, or why it was not reached.
    pub hint: Option<String>,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The token satisfies the rule.
    Passed,
    /// It does not satisfy the rule.
    Failed(Error),
    /// The part of the token that the rule is about could not be read, or its key was not available.
    NotReached,
}

/// The checks in the order of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CheckName {
    /// Length and segments.
    Form,
    /// The header is strict JSON without critical extensions.
    Header,
    /// `alg`.
    Algorithm,
    /// `typ`.
    Type,
    /// No `nonce` in the header.
    Nonce,
    /// A key with this `kid`, of this cloud.
    Key,
    /// The signature.
    Signature,
    /// The claims are strict JSON, and the registered claims (RFC 7519) have the right types.
    Claims,
    /// `exp`.
    Expiry,
    /// `nbf`.
    NotBefore,
    /// Entra's claims have the right types.
    EntraClaims,
    /// `iss` and `ver`.
    Issuer,
    /// `tid`.
    Tenant,
    /// An access token, which names its client.
    Use,
    /// No `cnf`, unless the policy accepts tokens that are bound to a key.
    BoundToken,
    /// The issuer that the key is published for.
    KeyIssuer,
    /// `aud`.
    Audience,
    /// `allowedClients`.
    Client,
    /// `requiredRoles`.
    Role,
    /// `requiredScopes`.
    Scope,
}

impl CheckName {
    /// The stable name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Header => "header",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Nonce => "nonce",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Expiry => "expiry",
            Self::NotBefore => "not-before",
            Self::EntraClaims => "entra-claims",
            Self::Issuer => "issuer",
            Self::Tenant => "tenant",
            Self::Use => "use",
            Self::BoundToken => "bound-token",
            Self::KeyIssuer => "key-issuer",
            Self::Audience => "audience",
            Self::Client => "client",
            Self::Role => "role",
            Self::Scope => "scope",
        }
    }
}

impl Check {
    /// Why it failed, if it did.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.outcome {
            Outcome::Failed(error) => Some(error),
            Outcome::Passed | Outcome::NotReached => None,
        }
    }
}

/// The checks made so far.
#[derive(Debug, Default)]
pub(super) struct Report(pub(super) Vec<Check>);

impl Report {
    /// Adds a check and returns its result.
    pub(super) fn made<T>(
        &mut self,
        name: CheckName,
        result: Result<T, Error>,
        expected: impl Into<String>,
        found: Option<String>,
    ) -> Option<T> {
        let (outcome, hint, brought) = match result {
            Ok(brought) => (Outcome::Passed, None, Some(brought)),
            Err(error) => {
                let hint = error.hint();
                (Outcome::Failed(error), Some(hint), None)
            }
        };
        self.0.push(Check {
            name,
            outcome,
            expected: Some(expected.into()),
            found,
            hint,
        });
        brought
    }

    /// Adds checks that were not reached.
    pub(super) fn not_reached(&mut self, names: &[CheckName], why: &str) {
        self.0.extend(names.iter().map(|&name| Check {
            name,
            outcome: Outcome::NotReached,
            expected: None,
            found: None,
            hint: Some(why.to_owned()),
        }));
    }

    /// Why a check failed, if it did.
    pub(super) fn failure(&self, name: CheckName) -> Option<&Error> {
        self.0.iter().find(|check| check.name == name).and_then(Check::error)
    }
}
