//! `exp` and `nbf` (RFC 7519, sections 4.1.4 and 4.1.5).
//!
//! The token cache asks the same questions at each hit, about the instants that it kept.

use crate::error::Error;
use crate::policy::Policy;
use crate::time::{ClockTolerance, NumericDate, UnixTime};
use crate::token::Claims;

/// There is an `exp`, and it has not been reached.
pub(crate) fn check_expiry(claims: &Claims<'_>, policy: &Policy, now: UnixTime) -> Result<(), Error> {
    let &exp = claims.exp.present().ok_or(Error::TokenExpired { missing: true })?;
    check_not_expired(exp, policy.clock_tolerance, now)
}

/// `nbf`, where there is one, has been reached.
pub(crate) fn check_not_before(claims: &Claims<'_>, policy: &Policy, now: UnixTime) -> Result<(), Error> {
    claims
        .nbf
        .present()
        .map_or(Ok(()), |&nbf| check_active(nbf, policy.clock_tolerance, now))
}

/// `exp` itself is the first instant at which a token is rejected.
pub(crate) fn check_not_expired(exp: NumericDate, tolerance: ClockTolerance, now: UnixTime) -> Result<(), Error> {
    if now.date() >= exp.saturating_add(tolerance) {
        return Err(Error::TokenExpired { missing: false });
    }
    Ok(())
}

/// `nbf` itself is the first instant at which a token is valid.
pub(crate) fn check_active(nbf: NumericDate, tolerance: ClockTolerance, now: UnixTime) -> Result<(), Error> {
    if now.date().saturating_add(tolerance) < nbf {
        return Err(Error::TokenNotActive);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(seconds: f64) -> NumericDate {
        NumericDate::new(seconds).unwrap()
    }

    fn now(seconds: f64) -> UnixTime {
        UnixTime::new(seconds).unwrap()
    }

    #[test]
    fn exp_is_the_first_instant_at_which_a_token_is_rejected() {
        let expired = Err(Error::TokenExpired { missing: false });
        let check = |exp, tolerance, at| check_not_expired(date(exp), tolerance, now(at));
        let none = ClockTolerance::ZERO;
        let most = ClockTolerance::new(ClockTolerance::MAX).unwrap();
        assert_eq!(check(1000.0, none, 999.5), Ok(()));
        assert_eq!(check(1000.0, none, 1000.0), expired);
        assert_eq!(check(1000.0, most, 1299.5), Ok(()));
        assert_eq!(check(1000.0, most, 1300.0), expired);
        // Where a double cannot tell `exp` from `exp` + 300, the token is rejected.
        assert_eq!(check(f64::MAX, most, f64::MAX), expired);
        assert_eq!(check(f64::MAX, most, 1000.0), Ok(()));
        assert_eq!(check(f64::MIN, most, 0.0), expired);
    }

    #[test]
    fn nbf_is_the_first_instant_at_which_a_token_is_valid() {
        let early = Err(Error::TokenNotActive);
        let check = |nbf, tolerance, at| check_active(date(nbf), tolerance, now(at));
        let none = ClockTolerance::ZERO;
        let most = ClockTolerance::new(ClockTolerance::MAX).unwrap();
        assert_eq!(check(1000.0, none, 999.5), early);
        assert_eq!(check(1000.0, none, 1000.0), Ok(()));
        assert_eq!(check(1000.0, most, 699.5), early);
        assert_eq!(check(1000.0, most, 700.0), Ok(()));
        assert_eq!(check(f64::MAX, most, 1000.0), early);
        assert_eq!(check(f64::MIN, none, 0.0), Ok(()));
    }
}
