//! The token is an access token, not an id token or a mixture of two kinds.

use crate::error::{ClaimProblem, Error, UseProblem};
use crate::policy::IssuerKind;
use crate::token::{Claim, Claims};

/// Under Entra's rules the token names its client, and an app-only token has no delegated permissions.
pub(crate) fn check_token_use(claims: &Claims<'_>, kind: IssuerKind) -> Result<(), Error> {
    if kind == IssuerKind::Foreign {
        return Ok(());
    }
    // All recorded access tokens name their client, no recorded id token does.
    if claims.appid == Claim::Absent && claims.azp == Claim::Absent {
        return Err(Error::TokenUse(UseProblem::NoClient));
    }
    // Entra issues no app-only token with delegated permissions; one that has both could pass two different checks.
    if claims.idtyp.present().is_some_and(|idtyp| idtyp == "app") && claims.scp != Claim::Absent {
        return Err(Error::TokenClaim {
            claim: "idtyp",
            problem: ClaimProblem::Contradictory,
        });
    }
    Ok(())
}
