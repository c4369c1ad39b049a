//! Any bytes as a token: no panic, no acceptance, and `explain` says what `verify` says.

#![no_main]

#[path = "../../benches/case/mod.rs"]
mod case;

use case::Case;
use entra_jwt_verify::explain::{Question, explain};
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{VerifyError, verify};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    static CASE: Case = Case::read();
    // Kept from token to token, as in a service: what one left behind must not change the next verdict.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

fuzz_target!(|token: &[u8]| {
    CASE.with(|case| {
        SCRATCH.with_borrow_mut(|scratch| {
            let verdict = verify(token, &case.policy, &case.keys, case.now, scratch).map(drop);
            assert_eq!(verdict.is_ok(), token == case.token, "accepted what nobody signed");
            let fresh = verify(token, &case.policy, &case.keys, case.now, &mut Scratch::default()).map(drop);
            assert_eq!(verdict, fresh, "the token before made a difference");
            let question = Question {
                policy: &case.policy,
                now: case.now,
            };
            let explained = explain(token, question, &case.keys, scratch).expect("static keys never wait");
            assert_eq!(verdict, explained.verdict.map_err(VerifyError::Rejected));
        });
    });
});
