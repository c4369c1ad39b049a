//! Which of several authorities judges a token: the one whose issuer the token names. It is judged by that one alone, so that
//! naming another gains nothing: its rules hold, and its keys.

use std::cell::RefCell;

use super::Tickets;
use super::authority::Authority;
use crate::error::{ClaimProblem, Error, IssuerProblem, TenantProblem, VerifyError};
use crate::policy::{IssuerMatch, is_user_flow};
use crate::rules::{check_algorithm, check_form, find_key, read_header};
use crate::token::{Claim, ClaimedOrigin, Scratch};

/// The position of the authority that judges a token.
///
/// # Errors
///
/// [`Error::TokenIssuer`] and the like for a token that is none's, before anything else about it is looked at;
/// [`VerifyError::KeysPending`] where only the keys can tell, and they are being fetched. Without tickets nothing is fetched.
pub(super) fn choose(
    authorities: &[Authority],
    token: &[u8],
    tickets: Option<&RefCell<Tickets>>,
    scratch: &mut Scratch,
) -> Result<usize, VerifyError> {
    let candidates = candidates(authorities, token, scratch)?;
    match candidates.as_slice() {
        &[only] => Ok(only),
        candidates => by_key(authorities, candidates, token, tickets, scratch),
    }
}

/// The authorities that the token may be of, as it says itself; not empty.
fn candidates(authorities: &[Authority], token: &[u8], scratch: &mut Scratch) -> Result<Vec<usize>, Error> {
    let Some(first) = authorities.first() else {
        return Err(Error::Internal);
    };
    // The limit of length is the same for all.
    let compact = check_form(token, &first.policy)?;
    let origin = ClaimedOrigin::parse(compact.decode_payload(&mut scratch.payload)?)?;
    let iss = match origin.issuer {
        Claim::Present(iss) => iss,
        Claim::Absent => return Err(Error::TokenIssuer(IssuerProblem::Missing)),
        Claim::IllTyped => {
            return Err(Error::TokenClaim {
                claim: "iss",
                problem: ClaimProblem::IllTyped,
            });
        }
    };
    let mut of_other_tenant = false;
    let is_candidate = |authority: &Authority| match authority.matches(&iss) {
        IssuerMatch::Accepted | IssuerMatch::Unknown => true,
        IssuerMatch::OtherTenant => {
            of_other_tenant = true;
            false
        }
        IssuerMatch::Other => false,
    };
    let mut candidates = positions(authorities, is_candidate);
    // Realms of one host: before its metadata is read, each might have any issuer there. The one that is addressed by the issuer
    // has it (OpenID Connect Discovery 1.0, section 4.3); what the metadata of another says or will say does not count.
    let is_addressed = |at: &usize| authorities[*at].policy.is_addressed_by(&iss);
    if candidates.len() > 1 && candidates.iter().any(is_addressed) {
        candidates.retain(|at| !authorities[*at].policy.has_discovered_issuer() || is_addressed(at));
    }
    // The user flows of a B2C tenant have one issuer.
    if candidates.len() > 1
        && let Some(user_flow) = [origin.tfp, origin.acr]
            .into_iter()
            .flatten()
            .find(|it| is_user_flow(it))
    {
        let name = |at: &usize| authorities[*at].policy.user_flow();
        let is_named = |at: &usize| name(at).is_some_and(|name| name.eq_ignore_ascii_case(&user_flow));
        // A flow that is not configured is never another flow's to judge, only that of an authority for all of the issuer.
        let is_configured = candidates.iter().any(is_named);
        candidates.retain(|at| {
            if is_configured {
                is_named(at)
            } else {
                name(at).is_none()
            }
        });
    }
    match (candidates.is_empty(), of_other_tenant) {
        (false, _) => Ok(candidates),
        (true, true) => Err(Error::TokenTenant(TenantProblem::NotAllowed)),
        (true, false) => Err(Error::TokenIssuer(IssuerProblem::Other)),
    }
}

fn positions(authorities: &[Authority], mut is_candidate: impl FnMut(&Authority) -> bool) -> Vec<usize> {
    let of = authorities.iter().enumerate();
    of.filter(|(_, authority)| is_candidate(authority))
        .map(|(at, _)| at)
        .collect()
}

/// The first candidate that has the token's key. If none has it, the one of which that is least certain says so.
fn by_key(
    authorities: &[Authority],
    candidates: &[usize],
    token: &[u8],
    tickets: Option<&RefCell<Tickets>>,
    scratch: &mut Scratch,
) -> Result<usize, VerifyError> {
    let mut uncertain = None;
    for &at in candidates {
        match has_key(&authorities[at], token, tickets, scratch) {
            Ok(()) => return Ok(at),
            Err(VerifyError::KeysPending) => return Err(VerifyError::KeysPending),
            Err(VerifyError::Rejected(error)) if error.retry_after().is_some() => {
                uncertain = uncertain.or(Some(at));
            }
            Err(VerifyError::Rejected(_)) => {}
        }
    }
    let judge = uncertain.or_else(|| candidates.first().copied());
    judge.ok_or(VerifyError::Rejected(Error::Internal))
}

/// The rules up to the key.
fn has_key(
    authority: &Authority,
    token: &[u8],
    tickets: Option<&RefCell<Tickets>>,
    scratch: &mut Scratch,
) -> Result<(), VerifyError> {
    let policy = &authority.policy;
    let compact = check_form(token, policy)?;
    let header = read_header(&compact, &mut scratch.header)?;
    let algorithm = check_algorithm(header, policy)?;
    let keys = authority.keys_for(tickets);
    find_key(&compact, header, algorithm, policy, &keys, &mut scratch.payload).map(drop)
}
