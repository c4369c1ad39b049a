//! What a policy expects, in words; and how any value is shown. Values from a token are untrusted:
//! they are escaped, so that they cannot act on a terminal, and cut.

use std::fmt::Write as _;

use crate::algorithm::Algorithm;
use crate::policy::{AcceptedAudiences, Callers, IssuerRule, Policy, Tenants, Version};
use crate::secret;

/// Characters of one value that are shown.
const MAX_CHARACTERS: usize = 120;

/// Values of one list that are shown.
const MAX_VALUES: usize = 10;

/// One value: as it is where it is plain, else quoted and escaped.
pub(super) fn text(value: &str) -> String {
    let start: String = value.chars().take(MAX_CHARACTERS).collect();
    let mut shown = if is_plain(value) { start } else { format!("{start:?}") };
    if value.chars().nth(MAX_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// An issuer that whoever made the token chose, without what an issuer does not have and a log must not: query and fragment.
pub(super) fn issuer(iss: &str) -> String {
    match iss.find(['?', '#']) {
        Some(end) => format!("{}…", text(&iss[..end])),
        None => text(iss),
    }
}

/// A value of the configuration; what looks like a secret is cut.
pub(super) fn configured(value: &str) -> String {
    secret::masked(value).unwrap_or_else(|| text(value))
}

/// A value of the configuration that somebody has to copy: whole, unless it looks like a secret.
pub(super) fn whole(value: &str) -> String {
    if let Some(cut) = secret::masked(value) {
        cut
    } else if is_plain(value) {
        value.to_owned()
    } else {
        format!("{value:?}")
    }
}

/// Whether a value can be written as it is, in a sentence or a variable.
pub(super) fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"',\\".contains(&byte))
}

/// Several values of a token.
pub(super) fn list<T: AsRef<str>>(values: &[T]) -> String {
    list_of(values, text)
}

/// Several values of the configuration.
pub(super) fn configured_list<T: AsRef<str>>(values: &[T]) -> String {
    list_of(values, configured)
}

fn list_of<T: AsRef<str>>(values: &[T], show: impl Fn(&str) -> String) -> String {
    let mut shown = values
        .iter()
        .take(MAX_VALUES)
        .map(|value| show(value.as_ref()))
        .collect::<Vec<_>>()
        .join(", ");
    if values.len() > MAX_VALUES {
        let _ = write!(shown, " and {} more", values.len() - MAX_VALUES);
    }
    shown
}

/// Any of several values of the configuration.
pub(super) fn any_of<T: AsRef<str>>(values: &[T]) -> String {
    match values {
        [one] => configured(one.as_ref()),
        several => format!("any of {}", configured_list(several)),
    }
}

pub(super) fn algorithms(policy: &Policy) -> String {
    let names: Vec<_> = Algorithm::ALL
        .into_iter()
        .filter(|&algorithm| policy.algorithms.contains(algorithm))
        .map(Algorithm::name)
        .collect();
    any_of(&names)
}

pub(super) fn audiences(audiences: &AcceptedAudiences) -> String {
    any_of(&audiences.texts().collect::<Vec<_>>())
}

/// Which keys are searched.
pub(super) fn keys(policy: &Policy) -> String {
    let whose = match &policy.issuer {
        IssuerRule::Entra { tenants, .. } => match tenants {
            Tenants::One(tenant) => format!("tenant {tenant}"),
            Tenants::OfDomain => "the tenant of the domain".to_owned(),
            Tenants::Of(_) | Tenants::Any { .. } => "all tenants".to_owned(),
        },
        IssuerRule::Exact(_) | IssuerRule::Discovered => "the issuer".to_owned(),
    };
    match &policy.client_id {
        Some(id) if policy.issuer.is_entra() => format!("a key of {whose}, asked for with appid={}", configured(id)),
        _ => format!("a key of {whose}"),
    }
}

/// The issuers that a policy accepts: v1, v2, with `{tenantid}` where the tenant is not one. `discovered` is the issuer
/// of the authority's metadata, once it is known.
#[must_use]
pub fn issuers(policy: &Policy, discovered: Option<&str>) -> Vec<String> {
    match &policy.issuer {
        IssuerRule::Exact(issuer) => vec![issuer.clone()],
        IssuerRule::Discovered => discovered.map(str::to_owned).into_iter().collect(),
        IssuerRule::Entra {
            tenants,
            authority,
            only,
        } => {
            let tenant = match tenants {
                Tenants::One(tenant) => tenant.to_string(),
                Tenants::Of(_) | Tenants::Any { .. } | Tenants::OfDomain => "{tenantid}".to_owned(),
            };
            [Version::V1, Version::V2]
                .into_iter()
                .filter(|version| only.is_none_or(|only| only == *version))
                .filter_map(|version| authority.issuer(version, &tenant))
                .collect()
        }
    }
}

/// `discovered` as in [`issuers`].
pub(super) fn tenants(tenants: &Tenants, discovered: Option<&str>) -> String {
    match tenants {
        Tenants::One(tenant) => tenant.to_string(),
        Tenants::Of(several) => any_of(&several.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Tenants::Any {
            microsoft_accounts: true,
        } => "any".to_owned(),
        Tenants::Any {
            microsoft_accounts: false,
        } => "any but that of personal accounts".to_owned(),
        Tenants::OfDomain => match discovered {
            Some(issuer) => format!("that of {}", text(issuer)),
            None => "the tenant of the domain".to_owned(),
        },
    }
}

/// What a client puts before the name of a scope: the API, by its App ID URI where it has one.
pub(super) fn resource(policy: &Policy) -> String {
    let audiences: Vec<_> = policy.audiences.texts().collect();
    let uri = audiences.iter().find(|audience| audience.contains("://"));
    match (uri.or(audiences.first()), &policy.client_id) {
        (Some(audience), _) => whole(audience.trim_end_matches("/.default")),
        (None, Some(id)) => format!("api://{}", whole(id)),
        (None, None) => "<App ID URI>".to_owned(),
    }
}

/// Whether the policy says who may call.
pub(super) const fn names_callers(callers: &Callers) -> bool {
    !(callers.clients.is_empty() && callers.roles.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_act_on_a_terminal() {
        assert_eq!(text("api://a"), "api://a");
        assert_eq!(text(""), r#""""#);
        assert_eq!(text("a b"), r#""a b""#);
        assert_eq!(text("\u{1b}[2J\u{202e}\n"), r#""\u{1b}[2J\u{202e}\n""#);
        let long = text(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), MAX_CHARACTERS + 1);
        assert_eq!(whole(&"x".repeat(500)).len(), 500);
        assert_eq!(whole("\u{1b}[2J"), r#""\u{1b}[2J""#);
    }

    #[test]
    fn a_long_list_is_cut() {
        let values: Vec<_> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(list(&values), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
        assert_eq!(any_of(&["a"]), "a");
        assert_eq!(any_of(&["a", "b"]), "any of a, b");
    }

    #[test]
    fn what_looks_like_a_secret_is_cut_in_the_configuration() {
        const SECRET: &str = "kP5xR8vN2mQ7wT4yB9cF3hJ6";
        for shown in [
            configured(SECRET),
            whole(SECRET),
            any_of(&[SECRET]),
            any_of(&["a", SECRET]),
        ] {
            assert!(
                shown.contains("what looks like a secret (kP5…, 24 characters)"),
                "{shown}"
            );
            assert!(!shown.contains(&SECRET[3..]), "{shown}");
        }
        // Also a URL with a password, of an issuer or an authority.
        assert!(!any_of(&["https://user:hunter2@issuer.example/"]).contains("hunter2"));
    }
}
