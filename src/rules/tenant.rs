//! `tid`: one tenant, the tenant in `iss`, and an accepted one.

use crate::error::{Error, TenantProblem};
use crate::policy::{IssuerRule, TenantId, guid};
use crate::token::Claims;

/// The tenant is accepted, under Entra's rules. `segment` is what [`check_issuer`](super::check_issuer) returned;
/// `discovered` as there.
pub(crate) fn check_tenant(
    claims: &Claims<'_>,
    rule: &IssuerRule,
    segment: Option<&str>,
    discovered: Option<&str>,
) -> Result<(), Error> {
    let IssuerRule::Entra { tenants, authority, .. } = rule else {
        return Ok(());
    };
    let tenant = tenant_of(claims, segment.unwrap_or_default())?;
    let of_domain = discovered.and_then(|issuer| authority.tenant(issuer));
    if tenants.accept(tenant, of_domain) {
        Ok(())
    } else {
        Err(Error::TokenTenant(TenantProblem::NotAllowed))
    }
}

/// The tenant that the token is consistent about: `tid` is a GUID and the whole tenant segment of `iss`. Looking for
/// `tid` anywhere in `iss` would let one tenant pass for another.
fn tenant_of(claims: &Claims<'_>, segment: &str) -> Result<TenantId, Error> {
    if claims.has_other_tid {
        return Err(Error::TokenTenant(TenantProblem::Ambiguous));
    }
    let tid = claims.tid.present().ok_or(Error::TokenTenant(TenantProblem::Missing))?;
    let tenant = guid::parse(tid).ok_or(Error::TokenTenant(TenantProblem::NotAGuid))?;
    if segment == tid {
        Ok(tenant)
    } else {
        Err(Error::TokenTenant(TenantProblem::Mismatch))
    }
}
