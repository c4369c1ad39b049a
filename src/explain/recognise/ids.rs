//! Identifiers of the configuration in each other's place, where the token proves it.

use uuid::Uuid;

use super::advice::REGISTRATIONS;
use super::audience::application;
use super::whose::Whose;
use super::{Facts, Finding, FindingName, describe};
use crate::explain::report::CheckName;
use crate::policy::{IssuerRule, Tenants, guid};
use crate::token::{Claim, Claims};

const CHECKS: &[CheckName] = &[
    CheckName::Key,
    CheckName::Signature,
    CheckName::Issuer,
    CheckName::Tenant,
    CheckName::Audience,
];

/// The identifiers of a token.
struct Ids {
    tenant: Option<Uuid>,
    api: Option<Uuid>,
    client: Option<Uuid>,
    object: Option<Uuid>,
}

impl Ids {
    fn of(claims: &Claims<'_>) -> Self {
        let id = |claim: &Claim<_>| {
            claim
                .present()
                .and_then(|text: &std::borrow::Cow<'_, str>| guid::parse(text))
        };
        Self {
            tenant: id(&claims.tid),
            api: application(claims).and_then(guid::parse),
            client: id(&claims.azp).or_else(|| id(&claims.appid)),
            object: id(&claims.oid),
        }
    }

    /// What a GUID is in the token, apart from the tenant.
    fn other_than_tenant(&self, id: Uuid) -> Option<&'static str> {
        if self.api == Some(id) {
            Some("the application id of the API (aud)")
        } else if self.client == Some(id) {
            Some("the application id of the client")
        } else if self.object == Some(id) {
            Some("the object id of the caller")
        } else {
            None
        }
    }
}

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let IssuerRule::Entra { tenants, .. } = &facts.policy().issuer else {
        return None;
    };
    if matches!(facts.whose, Whose::Foreign(_) | Whose::Unsaid) {
        return None;
    }
    let ids = Ids::of(claims);
    let client_id = facts.policy().client_id.as_deref().and_then(guid::parse);
    match tenants {
        Tenants::One(tenant) => tenant_in_place(&ids, *tenant, client_id),
        Tenants::Of(allowed) => allowed_tenants(&ids, allowed),
        Tenants::Any { .. } | Tenants::OfDomain => None,
    }
    .or_else(|| client_in_place(facts, &ids, client_id))
    .or_else(|| audience_in_place(facts, &ids))
}

/// `tenantId` is another identifier than a tenant's.
fn tenant_in_place(ids: &Ids, tenant: Uuid, client_id: Option<Uuid>) -> Option<Finding> {
    let of_token = ids.tenant.filter(|&of_token| of_token != tenant)?;
    let what = ids.other_than_tenant(tenant)?;
    // Both come from the configuration: nothing that a token says is made a setting.
    if client_id == Some(of_token) && ids.api == Some(tenant) {
        return Some(found(
            "ENTRA_TENANT_ID and ENTRA_CLIENT_ID are swapped",
            format!(
                "set ENTRA_TENANT_ID (option tenantId) to {of_token} and ENTRA_CLIENT_ID (option clientId) to {tenant}"
            ),
        ));
    }
    Some(found(
        &format!("ENTRA_TENANT_ID is {what}"),
        format!(
            "set ENTRA_TENANT_ID (option tenantId) to the Directory (tenant) ID of your tenant (Entra admin center, Overview); \
             {tenant} is {what}, and the token's tenant is {of_token}"
        ),
    ))
}

fn allowed_tenants(ids: &Ids, allowed: &[Uuid]) -> Option<Finding> {
    ids.tenant.filter(|tenant| !allowed.contains(tenant))?;
    let (wrong, what) = allowed
        .iter()
        .find_map(|&id| ids.other_than_tenant(id).map(|what| (id, what)))?;
    Some(found(
        &format!("the option allowedTenants has {what}"),
        format!("name Directory (tenant) IDs in the option allowedTenants: {wrong} is {what}"),
    ))
}

/// `clientId` is the tenant, or the object id of the caller.
fn client_in_place(facts: &Facts<'_>, ids: &Ids, client_id: Option<Uuid>) -> Option<Finding> {
    facts.failure(CheckName::Audience)?;
    let client_id = client_id.filter(|&id| ids.api != Some(id))?;
    let what = if ids.tenant == Some(client_id) {
        "the tenant's id"
    } else if ids.object == Some(client_id) && ids.client != Some(client_id) {
        "the object id of the caller"
    } else {
        return None;
    };
    Some(found(
        &format!("ENTRA_CLIENT_ID is {what}"),
        format!(
            "set ENTRA_CLIENT_ID (option clientId) to the Application (client) ID of the API ({REGISTRATIONS}, the API, \
             Overview): {client_id} is {what}{}",
            ids.api.map_or_else(String::new, |api| format!(
                ", and the token is for the application {api}"
            ))
        ),
    ))
}

/// An audience is the tenant.
fn audience_in_place(facts: &Facts<'_>, ids: &Ids) -> Option<Finding> {
    facts.failure(CheckName::Audience)?;
    let tenant = ids.tenant?;
    let is_tenant = |audience: &str| guid::parse(audience.strip_prefix("api://").unwrap_or(audience)) == Some(tenant);
    let wrong = facts
        .policy()
        .audiences
        .texts()
        .find(|audience| is_tenant(audience))?
        .into_owned();
    Some(found(
        "ENTRA_AUDIENCE is the tenant's id",
        format!(
            "set ENTRA_AUDIENCE (option audience) to the Application (client) ID or the Application ID URI of the API \
             ({REGISTRATIONS}, the API, Overview): {} is the tenant's id",
            describe::text(&wrong)
        ),
    ))
}

fn found(what: &str, hint: String) -> Finding {
    let message = format!("a mix-up of identifiers in the configuration: {what}");
    Finding::new(FindingName::MixedUpIds, CHECKS, message, hint)
}
