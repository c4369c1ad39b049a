//! Which tenants' tokens are acceptable.

use uuid::Uuid;

use super::TenantId;
use super::guid::{self, MICROSOFT_ACCOUNTS};

/// The tenants whose tokens are accepted, where these are several.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllowedTenants {
    /// Every tenant: `"*"`. Personal Microsoft accounts only where the tenant is configured as `common` or
    /// `consumers`.
    Any,
    /// These.
    Only(Vec<TenantId>),
}

impl AllowedTenants {
    /// Reads GUIDs, or `*` alone.
    ///
    /// # Errors
    ///
    /// The first text that is neither.
    pub fn parse<'t>(texts: &[&'t str]) -> Result<Self, &'t str> {
        if texts == ["*"] {
            return Ok(Self::Any);
        }
        let ids: Result<_, _> = texts.iter().map(|&text| guid::parse(text).ok_or(text)).collect();
        ids.map(Self::Only)
    }
}

/// Acceptable tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tenants {
    /// This one.
    One(TenantId),
    /// These.
    Of(Vec<TenantId>),
    /// Every organization, and personal accounts only if `microsoft_accounts` says so.
    Any {
        /// Whether personal accounts are acceptable.
        microsoft_accounts: bool,
    },
    /// The one that a verified domain belongs to, as the authority's metadata says.
    OfDomain,
}

impl Tenants {
    /// Whether a tenant is acceptable. `of_domain` is the tenant of [`Tenants::OfDomain`], once it is known.
    pub(crate) fn accept(&self, tenant: TenantId, of_domain: Option<Uuid>) -> bool {
        match self {
            Self::One(one) => tenant == *one,
            Self::Of(tenants) => tenants.contains(&tenant),
            Self::Any { microsoft_accounts } => *microsoft_accounts || tenant != MICROSOFT_ACCOUNTS,
            Self::OfDomain => of_domain == Some(tenant),
        }
    }
}

impl Tenants {
    /// Whether a tenant is acceptable to both. Of a domain that is not resolved it is not known.
    pub(crate) fn overlap(&self, other: &Self) -> bool {
        let is_of = |tenants: &Self, ids: &[TenantId]| ids.iter().any(|&id| tenants.accept(id, None));
        match (self, other) {
            (Self::One(one), tenants) | (tenants, Self::One(one)) => tenants.accept(*one, None),
            (Self::Of(ids), tenants) | (tenants, Self::Of(ids)) => is_of(tenants, ids),
            // Whichever tenant a domain belongs to, it is one of all.
            (Self::Any { .. }, Self::Any { .. } | Self::OfDomain) | (Self::OfDomain, Self::Any { .. }) => true,
            (Self::OfDomain, Self::OfDomain) => false,
        }
    }
}

/// What stands in the place of a tenant in the address of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TenantName {
    /// Its id.
    Id(TenantId),
    /// A verified domain.
    Domain(String),
    /// `common`, `organizations` or `consumers`.
    Several(&'static str),
}

impl TenantName {
    /// Reads `tenantId`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(id) = guid::parse(text) {
            return Some(Self::Id(id));
        }
        if let Some(several) = ["common", "organizations", "consumers"]
            .into_iter()
            .find(|&name| name == text)
        {
            return Some(Self::Several(several));
        }
        is_domain(text).then(|| Self::Domain(text.to_ascii_lowercase()))
    }

    /// As it stands in a path.
    pub(crate) fn segment(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Domain(domain) => domain.clone(),
            Self::Several(name) => (*name).to_owned(),
        }
    }
}

/// Two labels at least, of letters, digits and hyphens: a name that Entra can have verified.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tenants() {
        assert!(matches!(
            TenantName::parse("7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11"),
            Some(TenantName::Id(_))
        ));
        assert_eq!(
            TenantName::parse("Contoso.onmicrosoft.com"),
            Some(TenantName::Domain("contoso.onmicrosoft.com".into()))
        );
        assert_eq!(
            TenantName::parse("organizations"),
            Some(TenantName::Several("organizations"))
        );
        for text in [
            "contoso",
            "",
            ".",
            "a..b",
            "-a.b",
            "a.b/c",
            "a.b?x",
            "../a.b",
            "a b.c",
            "{tenantid}",
            "Common",
        ] {
            assert_eq!(TenantName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_label_has_63_characters_and_a_domain_253_at_most() {
        let is_domain = |text: &str| matches!(TenantName::parse(text), Some(TenantName::Domain(_)));
        let label = |length: usize| "a".repeat(length);
        assert!(is_domain(&format!("{}.com", label(63))));
        assert!(!is_domain(&format!("{}.com", label(64))));
        assert!(is_domain(&format!("com.{}", label(63))));
        assert!(!is_domain(&format!("com.{}", label(64))));
        let long = |last: usize| [label(63), label(63), label(63), label(last)].join(".");
        assert!(long(61).len() == 253 && is_domain(&long(61)));
        assert!(long(62).len() == 254 && !is_domain(&long(62)));
    }

    #[test]
    fn a_label_neither_begins_nor_ends_with_a_hyphen() {
        for (text, expected) in [
            ("a-b.com", true),
            ("a.c-m", true),
            ("-a.com", false),
            ("a-.com", false),
            ("a.-com", false),
            ("a.com-", false),
            ("a_b.com", false),
            ("ä.com", false),
        ] {
            assert_eq!(TenantName::parse(text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn allowed_tenants_are_guids_or_a_star_alone() {
        let id = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
        let guid = guid::parse(id).unwrap();
        assert_eq!(AllowedTenants::parse(&["*"]), Ok(AllowedTenants::Any));
        assert_eq!(AllowedTenants::parse(&[id]), Ok(AllowedTenants::Only(vec![guid])));
        assert_eq!(AllowedTenants::parse(&[]), Ok(AllowedTenants::Only(Vec::new())));
        for (texts, wrong) in [
            (&["*", id] as &[_], "*"),
            (&[id, "*"], "*"),
            (&["*", "*"], "*"),
            (&[id, "contoso.com"], "contoso.com"),
            (&[""], ""),
            (&["common"], "common"),
        ] {
            assert_eq!(AllowedTenants::parse(texts), Err(wrong), "{texts:?}");
        }
    }

    #[test]
    fn personal_accounts_only_where_allowed() {
        let other = TenantId::nil();
        assert!(
            !Tenants::Any {
                microsoft_accounts: false
            }
            .accept(MICROSOFT_ACCOUNTS, None)
        );
        assert!(
            Tenants::Any {
                microsoft_accounts: true
            }
            .accept(MICROSOFT_ACCOUNTS, None)
        );
        assert!(
            Tenants::Any {
                microsoft_accounts: false
            }
            .accept(other, None)
        );
        assert!(Tenants::Of(vec![MICROSOFT_ACCOUNTS]).accept(MICROSOFT_ACCOUNTS, None));
    }

    #[test]
    fn a_domain_accepts_nobody_before_it_is_resolved() {
        let tenant = TenantId::nil();
        assert!(!Tenants::OfDomain.accept(tenant, None));
        assert!(Tenants::OfDomain.accept(tenant, Some(tenant)));
        assert!(!Tenants::OfDomain.accept(tenant, Some(MICROSOFT_ACCOUNTS)));
    }
}
