//! `exp` and `nbf` in seconds from now, and `clockTolerance` (microsoft-cases, section 6). Ours is 0 by default, Microsoft's
//! five minutes.

use serde_json::{Value, json};

use crate::common::{Judge, NOW, Object, sign, v1, v2};
use crate::table::check;

#[test]
fn a_token_is_good_from_nbf_until_just_before_exp() {
    check::<3>(
        "
        tolerance | nbf   | exp   | verdict
        -         | -3600 | 3600  | ok
        -         | -     | 3600  | ok                    # nbf may be missing
        -         | -3600 | -     | ERR_TOKEN_EXPIRED     # IDX10225: exp may not
        300       | -3600 | -     | ERR_TOKEN_EXPIRED
        -         | -3600 | 1     | ok
        -         | -3600 | 0     | ERR_TOKEN_EXPIRED     # RFC 7519, 4.1.4: on or after
        -         | -3600 | -1    | ERR_TOKEN_EXPIRED
        -         | 0     | 3600  | ok                    # 4.1.5: not before
        -         | 1     | 3600  | ERR_TOKEN_NOT_ACTIVE
        300       | -3600 | -180  | ok                    # 3 min ago, 5 min tolerated
        120       | -3600 | -180  | ERR_TOKEN_EXPIRED     # IDX10223
        300       | 180   | 3600  | ok                    # in 3 min, 5 min tolerated
        120       | 180   | 3600  | ERR_TOKEN_NOT_ACTIVE  # IDX10222
        5         | -3600 | -4    | ok
        5         | -3600 | -5    | ERR_TOKEN_EXPIRED     # as exact with tolerance
        5         | 5     | 3600  | ok
        5         | 6     | 3600  | ERR_TOKEN_NOT_ACTIVE
        0         | -3600 | -0.5  | ERR_TOKEN_EXPIRED
        0.5       | -3600 | -0.4  | ok
        -         | 3600  | -1    | ERR_TOKEN_EXPIRED     # IDX10224, nbf after exp: never valid …
        300       | 200   | -200  | ok                    # … but for the tolerance. Laxer; Entra makes none
        300       | 301   | -200  | ERR_TOKEN_NOT_ACTIVE
        301       | -3600 | 3600  | ERR_CONFIG            # more is not a tolerance
        -1        | -3600 | 3600  | ERR_CONFIG
        ",
        |[tolerance, nbf, exp]| {
            let mut options = json!({ "tenantId": crate::common::TENANT, "clientId": crate::common::CLIENT });
            options["clockTolerance"] = number(tolerance);
            let judge = Judge::try_by(&options)?;
            judge.judge(&sign(at(at(v1(), "nbf", nbf), "exp", exp)))?;
            judge.judge(&sign(at(at(v2(), "nbf", nbf), "exp", exp)))
        },
    );
}

fn at(claims: Object, name: &str, seconds_from_now: &str) -> Object {
    match number(seconds_from_now).as_f64() {
        Some(seconds) => claims.with(name, &(NOW + seconds).to_string()),
        None => claims.without(name),
    }
}

/// A cell as a number; `-` is none.
fn number(cell: &str) -> Value {
    cell.parse::<f64>().map_or(Value::Null, |number| json!(number))
}
