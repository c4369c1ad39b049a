//! `exp` and `nbf` (RFC 7519, sections 4.1.4 and 4.1.5).
//!
//! The token cache asks the same questions at each hit, about the instants that it kept: they compare plain numbers,
//! because the derived `>=` of a newtype goes through `partial_cmp`, which costs a hit several instructions.

use crate::error::Error;
use crate::policy::Policy;
use crate::time::{ClockTolerance, NumericDate, UnixTime};
use crate::token::Claims;

/// There is an `exp`, and it has not been reached.
pub(crate) fn check_expiry(claims: &Claims<'_>, policy: &Policy, now: UnixTime) -> Result<(), Error> {
    let &exp = claims.exp.present().ok_or(Error::TokenExpired { missing: true })?;
    if is_expired(exp, policy.clock_tolerance, now) {
        return Err(Error::TokenExpired { missing: false });
    }
    Ok(())
}

/// `nbf`, where there is one, has been reached.
pub(crate) fn check_not_before(claims: &Claims<'_>, policy: &Policy, now: UnixTime) -> Result<(), Error> {
    if claims
        .nbf
        .present()
        .is_some_and(|&nbf| is_early(nbf, policy.clock_tolerance, now))
    {
        return Err(Error::TokenNotActive);
    }
    Ok(())
}

/// `exp` itself is the first instant at which a token is rejected.
pub(crate) fn is_expired(exp: NumericDate, tolerance: ClockTolerance, now: UnixTime) -> bool {
    now.as_secs_f64() >= exp.plus(tolerance).as_secs_f64()
}

/// `nbf` itself is the first instant at which a token is valid.
pub(crate) fn is_early(nbf: NumericDate, tolerance: ClockTolerance, now: UnixTime) -> bool {
    now.date().plus(tolerance).as_secs_f64() < nbf.as_secs_f64()
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
        let check = |exp, tolerance, at| is_expired(date(exp), tolerance, now(at));
        let none = ClockTolerance::ZERO;
        let most = ClockTolerance::new(ClockTolerance::MAX).unwrap();
        assert!(!check(1000.0, none, 999.5));
        assert!(check(1000.0, none, 1000.0));
        assert!(!check(1000.0, most, 1299.5));
        assert!(check(1000.0, most, 1300.0));
        // Where a double cannot tell `exp` from `exp` + 300, the token is rejected.
        assert!(check(f64::MAX, most, f64::MAX));
        assert!(!check(f64::MAX, most, 1000.0));
        assert!(check(f64::MIN, most, 0.0));
    }

    #[test]
    fn nbf_is_the_first_instant_at_which_a_token_is_valid() {
        let check = |nbf, tolerance, at| is_early(date(nbf), tolerance, now(at));
        let none = ClockTolerance::ZERO;
        let most = ClockTolerance::new(ClockTolerance::MAX).unwrap();
        assert!(check(1000.0, none, 999.5));
        assert!(!check(1000.0, none, 1000.0));
        assert!(check(1000.0, most, 699.5));
        assert!(!check(1000.0, most, 700.0));
        assert!(check(f64::MAX, most, 1000.0));
        assert!(!check(f64::MIN, none, 0.0));
    }
}
