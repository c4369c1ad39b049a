//! See `tests/targets/options.rs`.

#![no_main]

use entra_jwt_verify_fuzz::targets::options::run;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| run(input));
