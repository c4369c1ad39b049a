//! The findings: what a token can be recognised as.

use super::report::{Check, CheckName, Outcome};
use crate::error::Error;

/// A recognised kind of token or mistake, on positive evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Which.
    pub name: FindingName,
    /// The failed checks that it explains; none for a warning about a valid token.
    pub checks: &'static [CheckName],
    /// What the token is: a noun phrase.
    pub message: String,
    /// What to do: the action first, with the name and the value to set.
    pub hint: String,
}

impl Finding {
    pub(super) fn new(
        name: FindingName,
        checks: &'static [CheckName],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            name,
            checks,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Whether this explains the failure of the check. If keys could not be fetched, that is the reason, unless they
    /// are the keys of a wrong tenant or host.
    pub(super) fn explains(&self, check: &Check) -> bool {
        match &check.outcome {
            Outcome::Failed(Error::KeysUnavailable { .. }) if !self.name.is_about_settings() => false,
            Outcome::Failed(_) => self.checks.contains(&check.name),
            Outcome::Passed | Outcome::NotReached => false,
        }
    }
}

/// Declares each name once: as an enum, as text, and in a list.
macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The stable name of a [`Finding`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum FindingName {
            $($(#[$doc])* $variant,)*
        }

        impl FindingName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As programs see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

names! {
    // Texts that are not signed tokens. `lib/core/text/` knows those that have nothing of a JWT.
    /// A refresh token or authorization code of B2C.
    RefreshToken = "refresh-token",
    /// A token of a personal Microsoft account that only Microsoft can read.
    PersonalAccountToken = "personal-account-token",
    /// JWE.
    EncryptedToken = "encrypted-token",
    /// Longer than `maxTokenLength`.
    TokenTooLong = "token-too-long",
    /// White space, quotes or a scheme around a token.
    NotOnlyAToken = "not-only-a-token",

    // Tokens that are not whole.
    /// A part is missing.
    CutOffToken = "cut-off-token",
    /// Re-encoded, converted to upper or lower case, or different from what its key signed.
    ChangedToken = "changed-token",

    // Whose token it is.
    /// Swapped identifiers in the configuration.
    MixedUpIds = "mixed-up-ids",
    /// The service is configured for a test authority.
    TestConfiguration = "test-configuration",
    /// Of a test authority.
    TestAuthority = "test-authority",
    /// Of Azure AD B2C.
    B2cToken = "b2c-token",
    /// Of External ID.
    ExternalId = "external-id",
    /// Of the Bot Framework.
    BotToken = "bot-token",
    /// Of App Service, Functions or Static Web Apps.
    AppServiceToken = "app-service-token",
    /// Of a workload: Kubernetes, a CI system.
    WorkloadToken = "workload-token",
    /// A client's own assertion for the token endpoint.
    ClientAssertion = "client-assertion",
    /// Of another issuer.
    OtherIssuer = "other-issuer",
    /// Signed with a shared secret.
    SharedSecret = "shared-secret",
    /// Not signed.
    UnsignedToken = "unsigned-token",
    /// With an issuer of Entra, but not as Entra issues tokens.
    NotEntra = "not-entra",
    /// Of another tenant.
    OtherTenant = "other-tenant",
    /// Of the other version.
    OtherVersion = "other-version",
    /// Of another cloud.
    OtherCloud = "other-cloud",

    // What kind of token it is.
    /// For Microsoft Graph.
    GraphToken = "graph-token",
    /// For another Microsoft service.
    MicrosoftToken = "microsoft-token",
    /// An id token.
    IdToken = "id-token",
    /// A signed HTTP request around a token.
    SignedRequest = "signed-request",
    /// A JWT of another kind than access tokens.
    OtherKind = "other-kind",
    /// Bound to a key.
    BoundToken = "bound-token",

    // Its key.
    /// Of an application with custom signing keys.
    CustomSigningKeys = "custom-signing-keys",
    /// An old token, whose key is gone.
    RolledKey = "rolled-key",
    /// A key that is not published.
    UnknownKey = "unknown-key",
    /// A key that is published for another issuer.
    KeyOfAnotherIssuer = "key-of-another-issuer",

    // For whom it is.
    /// This API in another form.
    AudienceForm = "audience-form",
    /// A scope is configured instead of an audience.
    AudienceIsAScope = "audience-is-a-scope",
    /// For the client itself.
    TokenForTheClient = "token-for-the-client",
    /// For another API.
    OtherResource = "other-resource",

    // When.
    /// The clocks differ.
    ClockSkew = "clock-skew",
    /// Expired.
    ExpiredToken = "expired-token",
    /// Not valid yet.
    EarlyToken = "early-token",
    /// Times in milliseconds.
    Milliseconds = "times-in-milliseconds",

    // Who calls.
    /// The client is configured by another of its identifiers.
    ClientIdentifier = "client-identifier",
    /// The client is not listed.
    ClientNotListed = "client-not-listed",
    /// A role in another spelling, or in another claim.
    AlmostRole = "almost-role",
    /// No such role.
    MissingRole = "missing-role",
    /// A scope in another spelling, or in another claim.
    AlmostScope = "almost-scope",
    /// No such scope.
    MissingScope = "missing-scope",
    /// An application that acts for itself, but a user is required.
    AppOnlyToken = "app-only-token",

    // Warnings about valid tokens.
    /// An audience of a service of Microsoft's is accepted.
    MicrosoftAudience = "microsoft-audience",
    /// A client without a secret.
    PublicClient = "public-client",
    /// An app-only token without a role.
    NoRole = "no-role",
    /// Neither a role nor a scope.
    NoPermission = "no-permission",
    /// The groups are not in the token.
    GroupsOverage = "groups-overage",
    /// An application without an object in the tenant.
    NoObjectId = "no-object-id",
    /// Expires within minutes.
    ExpiresSoon = "expires-soon",
}

impl FindingName {
    /// Whether it is a mistake in the configuration because of which the wrong keys are fetched.
    const fn is_about_settings(self) -> bool {
        matches!(self, Self::MixedUpIds | Self::TestConfiguration)
    }
}
