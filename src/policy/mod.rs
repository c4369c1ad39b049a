//! The configuration of a verifier: settings in, a [`Policy`] out, which is valid by construction and never checked
//! again.

mod audience;
mod authority;
mod authority_host;
mod bound_tokens;
mod builder;
mod callers;
pub(crate) mod clouds;
mod entra_issuer;
pub(crate) mod external_id;
pub(crate) mod guid;
mod issuer;
mod tenants;

use std::borrow::Cow;
use std::ops::RangeInclusive;

use uuid::Uuid;

pub(crate) use audience::AcceptedAudiences;
#[cfg(feature = "node")]
pub(crate) use authority::SEVERAL_TENANTS;
pub(crate) use authority::TokenAuthority;
pub(crate) use authority_host::AuthorityHost;
pub use bound_tokens::BoundTokens;
pub use builder::PolicyBuilder;
pub(crate) use callers::Callers;
pub(crate) use entra_issuer::{EntraIssuer, EntraService, is_at_entra};
pub use guid::MICROSOFT_ACCOUNTS;
pub use issuer::Version;
pub(crate) use issuer::{IssuerKind, IssuerMatch, IssuerRule};
pub use tenants::AllowedTenants;
pub(crate) use tenants::{TenantName, Tenants};

use crate::algorithm::AlgorithmSet;
use crate::time::ClockTolerance;

/// Whether a text is the name of a user flow or custom policy of B2C, by its prefix.
pub(crate) fn is_user_flow(text: &str) -> bool {
    const START: &str = "b2c_1";
    text.get(..START.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(START))
}

/// A tenant's id.
pub type TenantId = Uuid;

/// The configuration that a token is checked against. Keys and time are separate.
///
/// ```
/// use entra_jwt_verify::policy::Policy;
///
/// let policy = Policy::builder()
///     .tenant_id("7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11")
///     .client_id("4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e")
///     .required_roles(["Task.Read"])
///     .build()?;
/// # Ok::<(), entra_jwt_verify::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    /// Accepted issuers and tenants.
    pub(crate) issuer: IssuerRule,
    /// The option `issuer`, if it is set.
    pub(crate) named_issuer: Option<String>,
    /// The configured authority, which determines the location of the keys.
    pub(crate) authority: TokenAuthority,
    /// Accepted audiences.
    pub(crate) audiences: AcceptedAudiences,
    /// The API's own application id, if it is configured.
    pub(crate) client_id: Option<String>,
    /// Accepted clients, required roles and scopes.
    pub(crate) callers: Callers,
    /// Accepted algorithms.
    pub(crate) algorithms: AlgorithmSet,
    /// Clock skew allowed for `exp` and `nbf`.
    pub(crate) clock_tolerance: ClockTolerance,
    /// Bytes of the longest token that is parsed.
    pub(crate) max_token_length: usize,
    /// How to treat tokens that are bound to a key.
    pub(crate) bound_tokens: BoundTokens,
}

/// The requirement of a route, instead of those of the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// One of these clients.
    pub clients: Vec<String>,
    /// One of these roles.
    pub roles: Vec<String>,
    /// One of these scopes.
    pub scopes: Vec<String>,
}

impl Policy {
    /// The values that [`PolicyBuilder::max_token_length`] accepts, in bytes.
    pub const MAX_TOKEN_LENGTH: RangeInclusive<usize> = 256..=1_048_576;

    /// Starts a policy with the defaults.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::new()
    }

    /// Whether some token would belong to both policies, with nothing in it to tell them apart.
    pub(crate) fn is_confused_with(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (self.user_flow(), other.user_flow())
            && !one.eq_ignore_ascii_case(other)
        {
            return false;
        }
        self.issuer.overlaps(&other.issuer)
            || (self.issuer.needs_discovery()
                && self.issuer == other.issuer
                && self.authority.is_same(&other.authority))
    }

    /// The authority as a URL: clients get their tokens there.
    #[must_use]
    pub fn authority_url(&self) -> String {
        match (&self.issuer, &self.authority) {
            (IssuerRule::Entra { .. }, TokenAuthority::Entra { host, tenant }) => {
                host.url(&format!("{}/v2.0", tenant.segment()), None).into()
            }
            (_, TokenAuthority::Oidc(url)) => url.as_str().to_owned(),
            _ => self.named_issuer.clone().unwrap_or_default(),
        }
    }

    /// Whether the accepted issuer is the one in the metadata.
    pub(crate) fn has_discovered_issuer(&self) -> bool {
        self.issuer == IssuerRule::Discovered
    }

    /// Whether the accepted issuer is the one in the metadata, and this text was configured as the authority.
    pub(crate) fn is_addressed_by(&self, iss: &str) -> bool {
        match &self.authority {
            TokenAuthority::Oidc(url) if self.has_discovered_issuer() => {
                url.as_str().trim_end_matches('/') == iss.trim_end_matches('/')
            }
            _ => false,
        }
    }

    /// The B2C user flow in the authority, which its tokens name too.
    pub(crate) fn user_flow(&self) -> Option<&str> {
        match &self.authority {
            TokenAuthority::Oidc(url) => url.path_segments()?.find(|segment| is_user_flow(segment)),
            TokenAuthority::Entra { .. } | TokenAuthority::IssuerOnly => None,
        }
    }

    /// The App ID URI, with which clients of Entra prefix a scope. `None` if the tokens are not Entra's, or it is
    /// unknown.
    #[must_use]
    pub fn app_id_uri(&self) -> Option<String> {
        if !self.issuer.is_entra() {
            return None;
        }
        let audiences: Vec<_> = self.audiences.texts().collect();
        let uri = audiences
            .iter()
            .find(|audience| audience.contains("://"))
            .map(ToString::to_string);
        let is_id = |audience: &&Cow<'_, str>| guid::parse(audience).is_some();
        let id = || audiences.iter().find(is_id).map(|id| format!("api://{id}"));
        uri.or_else(|| self.client_id.as_ref().map(|id| format!("api://{id}")))
            .or_else(id)
    }

    /// The API's own id for requests of keys and metadata (`?appid=`), if it is a GUID. Anything else could be a secret set by
    /// mistake, and is never sent.
    pub(crate) fn app_id(&self) -> Option<&str> {
        self.client_id.as_deref().filter(|id| guid::parse(id).is_some())
    }

    /// The same policy, with other callers.
    pub(crate) fn requiring(&self, Requirement { clients, roles, scopes }: Requirement) -> Self {
        let callers = Callers { clients, roles, scopes };
        Self {
            callers,
            ..self.clone()
        }
    }

    /// Bytes of the longest token that is parsed.
    #[must_use]
    pub const fn max_token_length(&self) -> usize {
        self.max_token_length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
    const OTHER_TENANT: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";
    const CLIENT: &str = "4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e";
    const ISSUER: &str = "https://issuer.example";

    fn built(builder: PolicyBuilder) -> Policy {
        builder.audience(["a"]).build().unwrap()
    }

    fn entra() -> Policy {
        built(Policy::builder().tenant_id(TENANT))
    }

    /// Of one named issuer.
    fn foreign() -> Policy {
        built(Policy::builder().issuer(ISSUER))
    }

    /// Of the issuer that the metadata names.
    fn discovered(authority: &str) -> Policy {
        built(Policy::builder().authority(authority))
    }

    /// A user flow of a B2C tenant.
    fn flow(name: &str) -> PolicyBuilder {
        Policy::builder().authority(format!(
            "https://contoso.b2clogin.com/contoso.onmicrosoft.com/{name}/v2.0"
        ))
    }

    fn check_confusion<const N: usize>(cases: [(Policy, Policy, bool); N]) {
        for (one, other, is_confused) in cases {
            assert_eq!(one.is_confused_with(&other), is_confused, "{one:?} {other:?}");
            assert_eq!(other.is_confused_with(&one), is_confused, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_user_flow_is_known_by_its_prefix() {
        for (text, is_flow) in [
            ("B2C_1_a", true),
            ("b2c_1A_A", true),
            ("B2C_", false),
            ("aB2C_1_a", false),
            ("", false),
        ] {
            assert_eq!(is_user_flow(text), is_flow, "{text}");
        }
        assert_eq!(built(flow("B2C_1_a")).user_flow(), Some("B2C_1_a"));
        for policy in [
            entra(),
            foreign(),
            discovered("https://a.example/t"),
            built(flow("signin")),
        ] {
            assert_eq!(policy.user_flow(), None, "{policy:?}");
        }
    }

    #[test]
    fn policies_that_accept_the_same_tokens_are_confused_unless_the_user_flow_differs() {
        let with_issuer = |name| built(flow(name).issuer(ISSUER));
        let other_tenant = built(Policy::builder().tenant_id(OTHER_TENANT));
        let cases = [
            (entra(), entra(), true),
            (entra(), other_tenant, false),
            (entra(), foreign(), false),
            (foreign(), foreign(), true),
            (with_issuer("B2C_1_a"), with_issuer("b2c_1_A"), true),
            (with_issuer("B2C_1_a"), with_issuer("B2C_1_b"), false),
            (with_issuer("B2C_1_a"), foreign(), true),
            (built(flow("B2C_1_a")), built(flow("b2c_1_A")), true),
            (built(flow("B2C_1_a")), built(flow("B2C_1_b")), false),
            (
                discovered("https://a.example/t"),
                discovered("https://a.example/t/"),
                true,
            ),
            (
                discovered("https://a.example/t"),
                discovered("https://a.example/T"),
                false,
            ),
            (discovered("https://a.example/t"), foreign(), false),
        ];
        check_confusion(cases);
    }

    #[test]
    fn rules_of_entra_overlap_where_version_host_and_tenant_do() {
        /// In no table of clouds.
        const OWN_HOST: &str = "https://login.example";
        let tenant = || Policy::builder().tenant_id(TENANT);
        let v1 = || built(tenant().issuer(format!("https://sts.windows.net/{TENANT}/")));
        let v2 = || built(tenant().issuer(format!("https://login.microsoftonline.com/{TENANT}/v2.0")));
        let of = |tenants: &[&str]| {
            let builder = Policy::builder().tenant_id("organizations");
            built(builder.allowed_tenants(AllowedTenants::parse(tenants).unwrap()))
        };
        let domain = |name: &str| built(Policy::builder().tenant_id(name));
        let own = || built(tenant().authority_host(OWN_HOST));
        let written = |tenant: &str| built(Policy::builder().issuer(format!("{OWN_HOST}/{tenant}/v2.0")));
        let cases = [
            (v1(), v1(), true),
            (v1(), v2(), false),
            (v1(), entra(), true),
            (v2(), entra(), true),
            (of(&[TENANT, OTHER_TENANT]), entra(), true),
            (of(&[OTHER_TENANT]), entra(), false),
            (of(&[TENANT, OTHER_TENANT]), of(&[OTHER_TENANT]), true),
            (of(&[TENANT]), of(&[OTHER_TENANT]), false),
            (of(&["*"]), entra(), true),
            (of(&["*"]), of(&["*"]), true),
            (of(&["*"]), domain("contoso.com"), true),
            (domain("contoso.com"), domain("contoso.com"), true),
            (domain("contoso.com"), domain("fabrikam.com"), false),
            (domain("contoso.com"), entra(), false),
            (own(), entra(), false),
            (own(), own(), true),
            (own(), written(TENANT), true),
            (own(), written(OTHER_TENANT), false),
        ];
        check_confusion(cases);
    }

    #[test]
    fn an_issuer_of_one_version_is_not_that_of_the_other() {
        let (v1, v2) = (
            format!("https://sts.windows.net/{TENANT}/"),
            format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        );
        for (only, other) in [(&v1, &v2), (&v2, &v1)] {
            let policy = built(Policy::builder().tenant_id(TENANT).issuer(only));
            assert_eq!(policy.issuer.matches(only, None), IssuerMatch::Accepted);
            assert_eq!(policy.issuer.matches(other, None), IssuerMatch::Other);
            assert_eq!(entra().issuer.matches(only, None), IssuerMatch::Accepted);
        }
    }

    #[test]
    fn whose_tenant_a_domain_is_only_the_metadata_says() {
        let domain = built(Policy::builder().tenant_id("contoso.com"));
        let iss = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let (own, other) = (iss(TENANT), iss(OTHER_TENANT));
        for (discovered, expected) in [
            (None, IssuerMatch::Unknown),
            (Some(own.as_str()), IssuerMatch::Accepted),
            (Some(other.as_str()), IssuerMatch::OtherTenant),
        ] {
            assert_eq!(domain.issuer.matches(&own, discovered), expected, "{discovered:?}");
            assert_eq!(
                domain.issuer.matches(ISSUER, discovered),
                IssuerMatch::Other,
                "{discovered:?}"
            );
        }
        // A tenant that is given by its id needs no metadata.
        assert_eq!(entra().issuer.matches(&own, None), IssuerMatch::Accepted);
        assert_eq!(entra().issuer.matches(&other, None), IssuerMatch::OtherTenant);
    }

    #[test]
    fn an_issuer_addresses_the_authority_whose_metadata_names_it() {
        let realm = discovered("https://a.example/t/");
        assert!(
            realm.has_discovered_issuer() && !entra().has_discovered_issuer() && !foreign().has_discovered_issuer()
        );
        for (iss, is_addressed) in [
            ("https://a.example/t", true),
            ("https://a.example/t/", true),
            ("https://a.example/T", false),
            ("https://a.example", false),
        ] {
            assert_eq!(realm.is_addressed_by(iss), is_addressed, "{iss}");
        }
        let named = built(Policy::builder().authority("https://a.example/t").issuer(ISSUER));
        assert!(!named.is_addressed_by("https://a.example/t") && !foreign().is_addressed_by(ISSUER));
    }

    #[test]
    fn the_url_of_an_authority_is_where_clients_get_their_tokens() {
        let url = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        assert_eq!(entra().authority_url(), url);
        assert_eq!(discovered("https://a.example/t").authority_url(), "https://a.example/t");
        assert_eq!(foreign().authority_url(), ISSUER);
    }

    #[test]
    fn the_app_id_uri_is_the_audience_that_is_one_or_made_of_an_id() {
        let of = |builder: PolicyBuilder, audience: &[&str]| builder.audience(audience.to_vec()).build().unwrap();
        let tenant = || Policy::builder().tenant_id(TENANT);
        let id = format!("api://{CLIENT}");
        let cases = [
            (of(tenant(), &["a", "https://api.example"]), Some("https://api.example")),
            (of(tenant().client_id(CLIENT), &["a"]), Some(id.as_str())),
            (of(tenant(), &["a", CLIENT]), Some(id.as_str())),
            (of(tenant(), &["a"]), None),
            (of(Policy::builder().issuer(ISSUER), &["https://api.example"]), None),
        ];
        for (policy, uri) in cases {
            assert_eq!(policy.app_id_uri().as_deref(), uri, "{policy:?}");
        }
    }

    #[test]
    fn only_an_id_is_sent_as_the_id_of_the_api() {
        let of = |client| built(Policy::builder().issuer(ISSUER).client_id(client));
        assert_eq!(of(CLIENT).app_id(), Some(CLIENT));
        assert_eq!(of("not-a-guid").app_id(), None);
        assert_eq!(foreign().app_id(), None);
    }

    #[test]
    fn a_requirement_takes_the_place_of_the_callers_and_of_nothing_else() {
        let policy = built(
            Policy::builder()
                .tenant_id(TENANT)
                .client_id(CLIENT)
                .required_roles(["Task.Read"]),
        );
        let required = policy.requiring(Requirement {
            scopes: vec!["Task.Write".to_owned()],
            ..Requirement::default()
        });
        assert!(required.callers.roles.is_empty());
        assert_eq!(required.callers.scopes, ["Task.Write"]);
        assert_eq!(required.app_id(), Some(CLIENT));
    }
}
