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
    let is_accepted = match (rule, segment) {
        (IssuerRule::Entra { tenants, authority, .. }, segment) => {
            let tenant = tenant_of(claims, segment.unwrap_or_default())?;
            tenants.accept(tenant, discovered.and_then(|issuer| authority.tenant(issuer)))
        }
        // External ID behind a domain of its own: the issuer, which is the metadata's, has one tenant.
        (IssuerRule::Discovered, Some(segment)) => tenant_of(claims, segment).map(|_| true)?,
        (IssuerRule::Discovered | IssuerRule::Exact(_), _) => true,
    };
    if is_accepted {
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
