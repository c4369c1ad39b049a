//! See `tests/targets/key_set.rs`.

#![no_main]

use entra_jwt_verify_fuzz::targets::key_set::run;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| run(input));
