//! What to do, in words that several findings share: how to get a token for this API, and what to set to which value.

use super::caller::Caller;
use super::{Facts, describe};
use crate::policy::{IssuerKind, Policy, TokenAuthority, guid};
use crate::secret;

/// Characters of the longest value that is given to be set: it has to be whole.
const MAX_VALUE: usize = 256;

/// The portal's pages about one application's own registration.
pub(super) const REGISTRATIONS: &str = "Entra admin center, App registrations";

/// The portal's pages about an application in this tenant.
pub(super) const ENTERPRISE_APPLICATIONS: &str = "Entra admin center, Enterprise applications";

/// How to get a token for this API.
pub(super) struct Advice<'f> {
    policy: &'f Policy,
    caller: Caller,
    is_entra: bool,
}

impl<'f> Advice<'f> {
    pub(super) fn of(facts: &'f Facts<'_>) -> Self {
        let policy = facts.question.policy;
        Self {
            policy,
            caller: facts.caller(),
            is_entra: facts.kind == IssuerKind::Entra,
        }
    }

    /// The scope that a client asks for.
    pub(super) fn scope(&self) -> String {
        match self.policy.callers.scopes.as_slice() {
            [only] if self.caller == Caller::User => format!("{}/{}", self.resource(), describe::whole(only)),
            _ => format!("{}/.default", self.resource()),
        }
    }

    /// What is before the name of a scope.
    pub(super) fn resource(&self) -> String {
        describe::resource(self.policy)
    }

    /// What the caller has to do for a token for this API.
    pub(super) fn ask(&self) -> String {
        let (scope, resource) = (self.scope(), self.resource());
        if !self.is_entra {
            return format!(
                "have the client get it from {} for the audience {}",
                describe::whole(&self.policy.authority_url()),
                describe::audiences(&self.policy.audiences)
            );
        }
        match self.caller {
            Caller::AzureCli => format!("run az account get-access-token --resource {resource}"),
            Caller::AzurePowerShell => format!(
                "run Get-AzAccessToken -ResourceUrl {resource} (its Token is a SecureString; ConvertFrom-SecureString \
                 -AsPlainText makes text of it)"
            ),
            Caller::ManagedIdentity => format!(
                "have the managed identity ask for resource={resource} (with @azure/identity: \
                 credential.getToken('{scope}'))"
            ),
            Caller::Application => format!("have the client ask for scope={scope} with its client credentials"),
            Caller::User => format!("have the client ask for the scope {scope}"),
            Caller::Unknown => format!("have the client ask for a scope of this API, such as {scope}"),
        }
    }

    /// The authority that clients get tokens from.
    pub(super) fn authority(&self) -> String {
        describe::whole(&self.policy.authority_url())
    }
}

/// The API, with its application id where that is known.
pub(super) fn api(policy: &Policy) -> String {
    match policy.client_id.as_deref().filter(|id| guid::parse(id).is_some()) {
        Some(id) => format!("the API ({id})"),
        None => "the API".to_owned(),
    }
}

/// An order to set an option to a list of values; `None` where a value could not be given whole, or not in a variable, or looks like
/// a secret.
pub(super) fn set_list<'v>(setting: &str, values: impl IntoIterator<Item = &'v str>) -> Option<String> {
    let mut list: Vec<&str> = Vec::new();
    for value in values {
        let is_plain = value.len() <= MAX_VALUE
            && value
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"\"',\\;".contains(&byte));
        if !is_plain || secret::masked(value).is_some() {
            return None;
        }
        if !list.contains(&value) {
            list.push(value);
        }
    }
    Some(format!("set {setting} to {}", list.join(",")))
}

/// An order to accept further audiences: the whole list, of those that are accepted now and the others.
pub(super) fn set_audience(policy: &Policy, further: &[&str]) -> String {
    let accepted: Vec<_> = policy.audiences.texts().collect();
    let all = accepted.iter().map(AsRef::as_ref).chain(further.iter().copied());
    set_list("ENTRA_AUDIENCE (option audience)", all)
        .unwrap_or_else(|| "add the token's aud to ENTRA_AUDIENCE (option audience)".to_owned())
}

/// Whether the audiences are those that follow from the client id.
pub(super) fn audiences_are_of_client_id(policy: &Policy) -> bool {
    let Some(id) = policy.client_id.as_deref() else {
        return false;
    };
    let mut accepted: Vec<_> = policy.audiences.texts().map(|it| it.to_ascii_lowercase()).collect();
    accepted.sort();
    let mut of_id = vec![id.to_ascii_lowercase(), format!("api://{}", id.to_ascii_lowercase())];
    of_id.sort();
    accepted == of_id
}

/// The tenant that is configured, where it is one.
pub(super) fn tenant(policy: &Policy) -> Option<String> {
    match &policy.authority {
        TokenAuthority::Entra { tenant, .. } => Some(tenant.segment()),
        TokenAuthority::Oidc(_) | TokenAuthority::IssuerOnly => None,
    }
}
