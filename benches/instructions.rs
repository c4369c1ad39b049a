//! One thing, many times, for an instruction counter: `instructions <what> <times>`. See scripts/instructions.mjs.

mod case;

use case::Case;
use entra_jwt_verify::token::Scratch;

fn main() {
    // `cargo bench` runs every target and adds an argument of its own.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [what, times] = arguments.as_slice() else { return };
    let times: u32 = times.parse().expect("a number of times");
    let case = match what.as_str() {
        "first-sight-8-kb" => Case::read_large(),
        _ => Case::read(),
    };
    let mut scratch = Scratch::default();
    let verified = case.remembered();
    for _ in 0..times {
        match what.as_str() {
            "first-sight" | "first-sight-8-kb" => case.first_sight(&mut scratch),
            "second-sight" => case.second_sight(&verified),
            "nothing" => {}
            other => panic!("{other} is none of first-sight, first-sight-8-kb, second-sight, nothing"),
        }
    }
}
