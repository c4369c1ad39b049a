//! `exp` and `nbf` to the instant (RFC 7519, sections 4.1.4 and 4.1.5), and what tolerance does to them.

use entra_jwt_verify::Error;
use serde_json::json;

use crate::common::{Judge, NOW, judge, sign, v2};

const EXPIRED: Result<(), Error> = Err(Error::TokenExpired { missing: false });
const NOT_ACTIVE: Result<(), Error> = Err(Error::TokenNotActive);

/// The verdict on a token with this `exp` at this time, with this tolerance.
fn with_exp(exp: &str, now: f64, tolerance: f64) -> Result<(), Error> {
    let claims = v2().with("exp", exp).without("nbf");
    Judge::with(json!({ "clockTolerance": tolerance }))
        .at(now)
        .judge(&sign(claims))
}

fn with_nbf(nbf: &str, now: f64, tolerance: f64) -> Result<(), Error> {
    Judge::with(json!({ "clockTolerance": tolerance }))
        .at(now)
        .judge(&sign(v2().with("nbf", nbf).with("exp", "1e12")))
}

#[test]
fn exp_is_the_first_moment_at_which_a_token_is_refused() {
    assert_eq!(with_exp("1767225600", 1_767_225_599.999, 0.0), Ok(()));
    assert_eq!(with_exp("1767225600", 1_767_225_600.0, 0.0), EXPIRED);
    assert_eq!(with_exp("1767225600", 1_767_225_601.0, 0.0), EXPIRED);
}

#[test]
fn there_is_no_tolerance_by_default() {
    assert_eq!(judge(&sign(v2().with("exp", "1767225600"))), EXPIRED);
    assert_eq!(judge(&sign(v2().with("exp", "1767225601"))), Ok(()));
    assert_eq!(judge(&sign(v2().with("nbf", "1767225600"))), Ok(()));
    assert_eq!(judge(&sign(v2().with("nbf", "1767225601"))), NOT_ACTIVE);
}

#[test]
fn tolerance_moves_exp_and_is_as_exact() {
    assert_eq!(with_exp("1767225600", 1_767_225_604.999, 5.0), Ok(()));
    assert_eq!(with_exp("1767225600", 1_767_225_605.0, 5.0), EXPIRED);
    assert_eq!(with_exp("1767225600", 1_767_225_899.5, 300.0), Ok(()));
    assert_eq!(with_exp("1767225600", 1_767_225_900.0, 300.0), EXPIRED);
}

#[test]
fn nbf_is_the_first_moment_at_which_a_token_is_accepted() {
    assert_eq!(with_nbf("1767225600", 1_767_225_599.999, 0.0), NOT_ACTIVE);
    assert_eq!(with_nbf("1767225600", 1_767_225_600.0, 0.0), Ok(()));
    assert_eq!(with_nbf("1767225600", 1_767_225_601.0, 0.0), Ok(()));
}

#[test]
fn tolerance_moves_nbf_and_is_as_exact() {
    assert_eq!(with_nbf("1767225600", 1_767_225_594.999, 5.0), NOT_ACTIVE);
    assert_eq!(with_nbf("1767225600", 1_767_225_595.0, 5.0), Ok(()));
    assert_eq!(with_nbf("1767225600", 1_767_225_299.0, 300.0), NOT_ACTIVE);
}

#[test]
fn dates_may_have_a_fraction() {
    // RFC 7519, section 2: a NumericDate may be non-integer.
    assert_eq!(with_exp("1767225600.5", 1_767_225_600.25, 0.0), Ok(()));
    assert_eq!(with_exp("1767225600.5", 1_767_225_600.5, 0.0), EXPIRED);
    assert_eq!(with_exp("17672256005e-1", 1_767_225_600.5, 0.0), EXPIRED);
    assert_eq!(with_nbf("1767225600.5", 1_767_225_600.25, 0.0), NOT_ACTIVE);
    assert_eq!(with_nbf("1767225600.5", 1_767_225_600.5, 0.0), Ok(()));
}

#[test]
fn a_token_without_exp_is_refused() {
    assert_eq!(
        judge(&sign(v2().without("exp"))),
        Err(Error::TokenExpired { missing: true })
    );
    // Not even at the beginning of time, and not because of a claim that only looks like it.
    let lookalike = sign(v2().without("exp").with("Exp", "1e12").with("expires", "1e12"));
    assert_eq!(
        Judge::with(json!({})).at(0.0).judge(&lookalike),
        Err(Error::TokenExpired { missing: true })
    );
}

#[test]
fn a_token_without_nbf_or_iat_is_accepted() {
    assert_eq!(judge(&sign(v2().without("nbf").without("iat"))), Ok(()));
}

#[test]
fn odd_numbers_are_dates_too() {
    for exp in ["-1", "0", "-0", "0e0", "-1e300"] {
        assert_eq!(with_exp(exp, NOW, 0.0), EXPIRED, "{exp}");
    }
    // A date in milliseconds lies in the year 57970: no business of ours, there is no longest life.
    for exp in ["1767229200000", "18446744073709551616", "1e300"] {
        assert_eq!(with_exp(exp, NOW, 300.0), Ok(()), "{exp}");
    }
    for nbf in ["-1", "0", "-1e300"] {
        assert_eq!(with_nbf(nbf, NOW, 0.0), Ok(()), "{nbf}");
    }
    assert_eq!(with_nbf("1e300", NOW, 300.0), NOT_ACTIVE);
}

#[test]
fn the_largest_numbers_are_compared_without_overflow() {
    let largest = f64::MAX;
    let exp_and_nbf = |exp: &str, nbf: &str, now: f64| {
        Judge::with(json!({ "clockTolerance": 300 }))
            .at(now)
            .judge(&sign(v2().with("exp", exp).with("nbf", nbf)))
    };
    // 1.7976931348623157e308 is the largest double: 300 s later is the same number, which is not infinite.
    assert_eq!(with_exp("1.7976931348623157e308", NOW, 300.0), Ok(()));
    assert_eq!(with_exp("1.7976931348623157e308", largest, 300.0), EXPIRED);
    assert_eq!(with_exp("-1.7976931348623157e308", 0.0, 300.0), EXPIRED);
    assert_eq!(with_nbf("1.7976931348623157e308", NOW, 300.0), NOT_ACTIVE);
    assert_eq!(with_nbf("-1.7976931348623157e308", 0.0, 300.0), Ok(()));
    assert_eq!(exp_and_nbf("1.7976931348623157e308", "1e308", largest), EXPIRED);
    // What no double holds is no JSON number.
    assert_eq!(with_exp("1e309", NOW, 0.0).unwrap_err().code(), "ERR_TOKEN_MALFORMED");
    assert_eq!(with_nbf("-1e309", NOW, 0.0).unwrap_err().code(), "ERR_TOKEN_MALFORMED");
}

#[test]
fn at_the_beginning_of_1970_a_token_of_today_is_not_active() {
    assert_eq!(Judge::with(json!({})).at(0.0).judge(&sign(v2())), NOT_ACTIVE);
    assert_eq!(with_exp("1", 0.0, 0.0), Ok(()));
    assert_eq!(with_exp("0", 0.0, 0.0), EXPIRED);
}

#[test]
fn iat_in_the_future_is_no_reason_to_refuse() {
    // RFC 7519, section 4.1.6: it tells the age of a token and decides nothing.
    assert_eq!(judge(&sign(v2().with("iat", "1767229200"))), Ok(()));
}

#[test]
fn expired_counts_before_not_yet_active() {
    let never_valid = sign(v2().with("exp", "1767225599").with("nbf", "1767229200"));
    assert_eq!(judge(&never_valid), EXPIRED);
}
