//! Any bytes as a token: only the one that was signed is accepted, `explain` says what `verify` says, and the token before makes
//! no difference.

use std::cell::RefCell;

use entra_jwt_verify::explain::{Question, explain};
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{VerifyError, verify};

use crate::case::Case;

thread_local! {
    static CASE: Case = Case::read();
    // Kept from token to token, as in a service: what one left behind must not change the next verdict.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

pub fn run(token: &[u8]) {
    CASE.with(|case| {
        SCRATCH.with_borrow_mut(|scratch| {
            let verdict = verify(token, &case.policy, &case.keys, case.now, scratch).map(drop);
            assert_eq!(verdict.is_ok(), token == case.token, "accepted what was not signed");
            let fresh = verify(token, &case.policy, &case.keys, case.now, &mut Scratch::default()).map(drop);
            assert_eq!(verdict, fresh, "the token before made a difference");
            let question = Question {
                policy: &case.policy,
                now: case.now,
                clock_ahead: None,
            };
            let explained = explain(token, question, &case.keys, scratch).expect("static keys never wait");
            assert_eq!(verdict, explained.verdict.map_err(VerifyError::Rejected));
        });
    });
}

pub fn examples() -> Vec<Vec<u8>> {
    vec![Case::read().token]
}
