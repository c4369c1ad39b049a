//! See `tests/targets/compact.rs`.

#![no_main]

use entra_jwt_verify_fuzz::targets::compact::run;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| run(input));
