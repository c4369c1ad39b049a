//! The JOSE header: algorithm, type, and the mark of a Microsoft Graph token.

use crate::algorithm::Algorithm;
use crate::error::{AlgorithmProblem, Error, UseProblem};
use crate::policy::Policy;
use crate::token::{CompactToken, Header, HeaderCache};

/// Reads the header, or finds it in the cache.
pub(crate) fn read_header<'c>(
    token: &CompactToken<'_>,
    cache: &'c mut HeaderCache,
) -> Result<&'c Header<'static>, Error> {
    Ok(cache.read(token)?)
}

/// `alg` is one of the policy's algorithms.
pub(crate) fn check_algorithm(header: &Header<'_>, policy: &Policy) -> Result<Algorithm, Error> {
    match header.algorithm {
        Some(algorithm) if policy.algorithms.contains(algorithm) => Ok(algorithm),
        Some(_) => Err(Error::TokenAlgorithm(AlgorithmProblem::NotAllowed)),
        None => Err(Error::TokenAlgorithm(AlgorithmProblem::Unsupported)),
    }
}

/// `typ` is absent, `JWT` or `at+jwt` (RFC 9068, section 2.1).
pub(crate) const fn check_typ(header: &Header<'_>) -> Result<(), Error> {
    if header.typ_is_access_token {
        Ok(())
    } else {
        Err(Error::TokenUse(UseProblem::Typ))
    }
}

/// `nonce` is absent, under Entra's rules. Microsoft Graph's tokens are signed over another header than they carry,
/// so their signature can only be verified by Graph.
pub(crate) const fn check_nonce(header: &Header<'_>, policy: &Policy) -> Result<(), Error> {
    if header.has_nonce && policy.issuer.is_entra() {
        Err(Error::TokenGraph)
    } else {
        Ok(())
    }
}
