//! `tid` is one claim, of one spelling, once (microsoft-cases, section 3).

use crate::common::{judge, sign, v2};
use crate::table::check;

#[test]
fn there_is_one_tid_and_it_is_a_string() {
    check::<1>(
        r#"
        members of the claims, in this order                                                  | verdict
        "tid":"<T>"                                                                           | ok
        "tid":"<T>","TID":"<T>"                                                               | ERR_TOKEN_TENANT      # IDX40011
        "TID":"<T>","tid":"<T>"                                                               | ERR_TOKEN_TENANT      # IDX40011, the other order
        "tid":"<T>","TID":"<O>"                                                               | ERR_TOKEN_TENANT
        "tid":"<T>","Tid":null                                                                | ERR_TOKEN_TENANT
        "tid":"<T>","\u0054id":"<O>"                                                          | ERR_TOKEN_TENANT      # spelled with an escape
        "TID":"<T>"                                                                           | ERR_TOKEN_TENANT      # IDX40009: names compare with case
        "tid":"<T>","tid":"<T>"                                                               | ERR_TOKEN_MALFORMED   # a member twice
        "tid":"<T>","t\u0069d":"<O>"                                                          | ERR_TOKEN_MALFORMED   # is twice in any spelling
        "tid":null                                                                            | ERR_TOKEN_CLAIM
        "tid":1                                                                               | ERR_TOKEN_CLAIM
        "tid":["<T>"]                                                                         | ERR_TOKEN_CLAIM
        "tid":{"tid":"<T>"}                                                                   | ERR_TOKEN_CLAIM
        "http://schemas.microsoft.com/identity/claims/tenantid":"<T>"                         | ERR_TOKEN_TENANT      # stricter: not its name in a token
        "tid":"<T>","http://schemas.microsoft.com/identity/claims/tenantid":"<O>"             | ok                    # nobody reads it
        "tid":"<T>","other":{"TID":"<O>"}                                                     | ok                    # not a claim
        "#,
        |[members]| {
            let others = v2().without("tid").to_string();
            judge(&sign(format!("{},{members}}}", others.trim_end_matches('}'))))
        },
    );
}
