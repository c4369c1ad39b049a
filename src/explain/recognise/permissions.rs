//! Roles and scopes that are missing, or there under another name.

use super::advice::{Advice, ENTERPRISE_APPLICATIONS, REGISTRATIONS, api, set_list};
use super::caller::Caller;
use super::{Facts, Finding, FindingName, client, describe};
use crate::explain::report::CheckName;
use crate::policy::guid;
use crate::rules::{self, scopes};
use crate::spelling;
use crate::token::Claims;

const ROLE: &[CheckName] = &[CheckName::Role];
const SCOPE: &[CheckName] = &[CheckName::Scope];

/// What may require a role, or a scope: which of the two did is not known.
const ROLE_SETTING: &str = "the option requiredRoles (guard requireRole)";
const SCOPE_SETTING: &str = "the option requiredScopes (guard requireScope)";

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Vec<Finding> {
    let client = client::recognise(facts, claims);
    let role = facts
        .failure(CheckName::Role)
        .map(|_| almost_role(facts, claims).unwrap_or_else(|| missing_role(facts, claims)));
    let scope = facts.failure(CheckName::Scope).map(|_| {
        almost_scope(facts, claims)
            .or_else(|| app_only(facts))
            .unwrap_or_else(|| missing_scope(facts, claims))
    });
    [client, role, scope].into_iter().flatten().collect()
}

/// How one name may be another.
#[derive(Clone, Copy)]
enum Likeness {
    Case,
    Blanks,
    DisplayName,
}

impl Likeness {
    fn of(required: &str, found: &str) -> Option<Self> {
        let plain = |text: &str| {
            text.chars()
                .filter(|it| it.is_alphanumeric())
                .collect::<String>()
                .to_lowercase()
        };
        if required.trim() == found.trim() {
            Some(Self::Blanks)
        } else if required.trim().eq_ignore_ascii_case(found.trim()) {
            Some(Self::Case)
        } else if !plain(found).is_empty() && plain(required) == plain(found) {
            Some(Self::DisplayName)
        } else {
            None
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Case => "it differs only in case",
            Self::Blanks => "it differs only in white space",
            Self::DisplayName => "it differs only in spelling, as display names do",
        }
    }
}

/// A name that is required, and one that the caller has, if one of the two is probably the other one, misspelt.
fn misspelt<'n>(required: &'n [String], found: &[&'n str]) -> Option<(&'n str, &'n str)> {
    let slips = required.iter().flat_map(|required| {
        let slip = move |found: &&'n str| Some((slip(required, found)?, (required.as_str(), *found)));
        found.iter().filter_map(slip)
    });
    slips.min_by_key(|(distance, _)| *distance).map(|(_, names)| names)
}

/// By how many letters two names differ, if each part is the same or a slip: `Order.Read.EU` is not `Order.Read.US`.
fn slip(required: &str, found: &str) -> Option<usize> {
    let parts = |name: &str| -> Vec<String> {
        let plain = name.to_lowercase();
        plain.split(['.', '_', '-', ':', '/']).map(str::to_owned).collect()
    };
    let (required, found) = (parts(required), parts(found));
    if required.len() != found.len() {
        return None;
    }
    let slips = required
        .iter()
        .zip(&found)
        .map(|(required, found)| spelling::slip(required, found));
    slips.sum()
}

/// What is required, and how it is told.
struct Required<'f> {
    names: &'f [String],
    what: &'static str,
    setting: &'static str,
}

impl<'f> Required<'f> {
    fn roles(facts: &'f Facts<'_>) -> Self {
        Self {
            names: &facts.policy().callers.roles,
            what: "role",
            setting: ROLE_SETTING,
        }
    }

    fn scopes(facts: &'f Facts<'_>) -> Self {
        Self {
            names: &facts.policy().callers.scopes,
            what: "scope",
            setting: SCOPE_SETTING,
        }
    }

    /// An order to require a name that the token has in place of another one.
    fn set(&self, wrong: &str, right: &str) -> String {
        let all = self
            .names
            .iter()
            .map(|it| if it == wrong { right } else { it.as_str() });
        set_list(self.setting, all).unwrap_or_else(|| format!("name the {} as the token has it", self.what))
    }

    /// The finding that something is missing, with the question whether a name that the token has was meant.
    fn missing(
        &self,
        name: FindingName,
        checks: &'static [CheckName],
        found: &[&str],
        message: String,
        hint: String,
    ) -> Finding {
        let Some((required, found)) = misspelt(self.names, found) else {
            return Finding::new(name, checks, message, hint);
        };
        let message = format!("{message}, but with {}", describe::text(found));
        let or = format!(
            "{} is misspelt, {}",
            describe::configured(required),
            self.set(required, found)
        );
        Finding::new(name, checks, message, format!("{hint}. Or, if {or}"))
    }
}

/// A role that is nearly there.
fn almost_role(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let required = &facts.policy().callers.roles;
    let roles = claims.roles.present().map_or(&[] as &[_], Vec::as_slice);
    let pairs = required
        .iter()
        .flat_map(|required| roles.iter().map(move |role| (required.as_str(), role.as_ref())));
    let found = |message: String, hint: String| Some(Finding::new(FindingName::AlmostRole, ROLE, message, hint));
    if let Some((required, role, likeness)) = pairs
        .into_iter()
        .find_map(|(required, role)| Some((required, role, Likeness::of(required, role)?)))
    {
        return found(
            format!(
                "a token with the role {}, where {} is expected: {}",
                describe::text(role),
                describe::configured(required),
                likeness.what()
            ),
            format!(
                "{} (or change the Value of the app role: {REGISTRATIONS}, {}, App roles; a token has the Value, not the \
                 display name)",
                Required::roles(facts).set(required, role),
                api(facts.policy())
            ),
        );
    }
    let in_scopes = |required: &&String| {
        scopes(claims, facts.kind)
            .split(' ')
            .any(|scope| scope == required.as_str())
    };
    if let Some(required) = required.iter().find(in_scopes) {
        let required = describe::configured(required);
        return found(
            format!("a token with the scope {required}, where a role of this name is expected"),
            format!(
                "require the scope, with {SCOPE_SETTING} in place of {ROLE_SETTING}: {required} is a delegated \
                 permission, in scp; or assign the user an app role {required} ({ENTERPRISE_APPLICATIONS}, {}, Users and \
                 groups)",
                api(facts.policy())
            ),
        );
    }
    let is_id = |required: &&String| guid::parse(required).is_some();
    required.iter().find(is_id).and_then(|required| {
        let in_groups = facts
            .evidence
            .list("groups")
            .any(|group| group.eq_ignore_ascii_case(required));
        let (what, hint) = if in_groups {
            ("the id of a group", "use the guard requireGroup for groups".to_owned())
        } else {
            (
                "an id",
                format!(
                    "set {ROLE_SETTING} to the Value of the app role ({REGISTRATIONS}, {}, App roles)",
                    api(facts.policy())
                ),
            )
        };
        found(
            format!(
                "a token without the role {}, which is {what}, not the Value of a role",
                describe::configured(required)
            ),
            hint,
        )
    })
}

/// That the caller has none of what would be sufficient: "without the role A", "without any of the roles A, B".
fn without(what: &str, sufficient: &[String]) -> String {
    match sufficient {
        [one] => format!("without the {what} {}", describe::configured(one)),
        several => format!("without any of the {what}s {}", describe::configured_list(several)),
    }
}

/// A role that the caller does not have: what to do depends on who it is.
fn missing_role(facts: &Facts<'_>, claims: &Claims<'_>) -> Finding {
    let roles = describe::any_of(&facts.policy().callers.roles);
    let without = without("role", &facts.policy().callers.roles);
    let api = api(facts.policy());
    let caller = rules::client(claims, facts.kind).map_or_else(
        || "the client".to_owned(),
        |id| format!("the client ({})", describe::text(id)),
    );
    let of_application = || {
        format!(
            "add the permission to {caller} and grant admin consent: {REGISTRATIONS}, {caller}, API permissions, Add a \
             permission, APIs my organization uses, {api}, Application permissions, {roles}, Grant admin consent; then get a new \
             token. Only roles for Applications are offered there (App roles of the API's registration)"
        )
    };
    let of_user = || {
        format!(
            "assign the role to the user or a group: {ENTERPRISE_APPLICATIONS}, {api}, Users and groups, Add user/group; then \
             sign in again for a new token. Only roles for Users/Groups are offered there (App roles of the API's registration); \
             API permissions of the client do not give it"
        )
    };
    if !facts.policy().issuer.is_entra() {
        return Finding::new(
            FindingName::MissingRole,
            ROLE,
            format!("a token {without}"),
            format!(
                "have the token's issuer put the role into the claim roles: {}",
                Advice::of(facts).ask()
            ),
        );
    }
    let (message, hint) = match facts.caller() {
        Caller::ManagedIdentity => (
            format!("a token of a managed identity {without}"),
            format!(
                "assign the app role by Microsoft Graph (POST /servicePrincipals/{}/appRoleAssignments) or PowerShell \
                 (New-MgServicePrincipalAppRoleAssignment): principalId the managed identity's object id, resourceId the object \
                 id of {api} under Enterprise applications, appRoleId the id of the role; the portal has no page for it. A token \
                 from before lives on in the platform's cache, for up to 24 hours",
                claims
                    .oid
                    .present()
                    .map_or_else(|| "<object id>".to_owned(), |oid| describe::text(oid))
            ),
        ),
        Caller::Application => (format!("an app-only token {without}"), of_application()),
        Caller::User | Caller::AzureCli | Caller::AzurePowerShell => {
            (format!("a token of a user (delegated) {without}"), of_user())
        }
        Caller::Unknown => (
            format!("a token {without}"),
            format!("for an application, {}; for a user, {}", of_application(), of_user()),
        ),
    };
    let found: Vec<&str> = claims
        .roles
        .present()
        .map_or_else(Vec::new, |roles| roles.iter().map(AsRef::as_ref).collect());
    Required::roles(facts).missing(FindingName::MissingRole, ROLE, &found, message, hint)
}

/// A scope that is nearly there.
fn almost_scope(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let required = &facts.policy().callers.scopes;
    let found_scopes = scopes(claims, facts.kind);
    let found = |message: String, hint: String| Some(Finding::new(FindingName::AlmostScope, SCOPE, message, hint));
    let of_scopes = required
        .iter()
        .flat_map(|required| found_scopes.split(' ').map(move |scope| (required, scope)))
        .find_map(|(required, scope)| Some((required, scope, Likeness::of(required, scope)?)));
    if let Some((wrong, scope, likeness)) = of_scopes {
        return found(
            format!(
                "a token with the scope {}, where {} is expected: {}",
                describe::text(scope),
                describe::configured(wrong),
                likeness.what()
            ),
            format!(
                "{} (or change the scope's name: {REGISTRATIONS}, {}, Expose an API)",
                Required::scopes(facts).set(wrong, scope),
                api(facts.policy())
            ),
        );
    }
    let roles = claims.roles.present().map_or(&[] as &[_], Vec::as_slice);
    let in_roles = |required: &&String| roles.iter().any(|role| role == required.as_str());
    let required = describe::configured(required.iter().find(in_roles)?);
    found(
        format!(
            "a token with the role {required} (app-only tokens of applications have roles), where a scope of this name is expected"
        ),
        format!(
            "let applications in by their role: requireScopeOrRole({{ scopes: ['{required}'], roles: ['{required}'] }}), in place \
             of {SCOPE_SETTING}; or sign a user in and get the token on behalf of the user, with the scope {}/{required}",
            Advice::of(facts).resource()
        ),
    )
}

/// Client credentials never bring a scope.
fn app_only(facts: &Facts<'_>) -> Option<Finding> {
    if !matches!(facts.caller(), Caller::Application | Caller::ManagedIdentity) {
        return None;
    }
    let scopes = describe::any_of(&facts.policy().callers.scopes);
    Some(Finding::new(
        FindingName::AppOnlyToken,
        SCOPE,
        format!(
            "an app-only token (client credentials), where the scope {scopes} of a user is expected: such tokens have roles, never scopes"
        ),
        format!(
            "sign a user in and get the token on behalf of the user (authorization code flow) with the scope {}/{}; or, if \
             applications may call, let them in by an app role: requireScopeOrRole in place of {SCOPE_SETTING}",
            Advice::of(facts).resource(),
            facts
                .policy()
                .callers
                .scopes
                .first()
                .map_or_else(String::new, |scope| describe::configured(scope))
        ),
    ))
}

fn missing_scope(facts: &Facts<'_>, claims: &Claims<'_>) -> Finding {
    let required = &facts.policy().callers.scopes;
    let advice = Advice::of(facts);
    let wanted = required.first().map_or_else(
        || advice.scope(),
        |first| format!("{}/{}", advice.resource(), describe::configured(first)),
    );
    let of_login = |scope: &&String| ["openid", "profile", "email", "offline_access"].contains(&scope.as_str());
    let found: Vec<&str> = scopes(claims, facts.kind).split(' ').collect();
    let hint = if !facts.policy().issuer.is_entra() {
        format!("have the client ask for the scope {}", describe::any_of(required))
    } else if let Some(scope) = required.iter().find(of_login) {
        format!(
            "require a scope of the API's in place of {scope}, which is for signing in (OpenID Connect) and never in a token for an API: \
             {REGISTRATIONS}, {}, Expose an API",
            api(facts.policy())
        )
    } else {
        format!(
            "have the client ask for the scope {wanted}, and consent to it ({REGISTRATIONS}, the client, API permissions, \
             Delegated permissions); the API exposes it under Expose an API of {}",
            api(facts.policy())
        )
    };
    let message = format!("a token {}", without("scope", required));
    Required::scopes(facts).missing(FindingName::MissingScope, SCOPE, &found, message, hint)
}
