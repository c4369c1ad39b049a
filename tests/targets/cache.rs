//! Any bytes as what happens to the key cache: requests, answers, failures, pauses. What holds for every schedule is checked by the
//! bystander of `tests/cache_properties.rs`.

use crate::cache_support::bystander::{Bystander, Event, KIDS};

/// Longer schedules show nothing that these do not.
const MAX_EVENTS: usize = 300;

pub fn run(bytes: &[u8]) {
    let mut bystander = Bystander::new();
    for (event, jitter) in bytes.chunks_exact(3).take(MAX_EVENTS).map(event) {
        bystander.happen(event, jitter);
    }
    bystander.check_requests();
}

/// An event of three bytes: what happens, and how.
fn event(bytes: &[u8]) -> (Event, f64) {
    let &[what, how, jitter] = bytes else {
        unreachable!("chunks of three")
    };
    let kid = usize::from(how) % KIDS.len();
    let event = match what % 8 {
        // Milliseconds, seconds, minutes.
        0 => Event::Pause(u64::from(how) * 20),
        1 => Event::Pause(u64::from(how) * 1_000),
        2 => Event::Pause(u64::from(how) * 240_000),
        3 | 4 => Event::Request(kid),
        // One bit a key, and one at least.
        5 => Event::Answer((0..KIDS.len()).filter(|at| (how | 1) >> at & 1 == 1).collect()),
        6 => Event::Failure((how > 127).then(|| u64::from(how) * 3)),
        _ => Event::AskAgain,
    };
    (event, f64::from(jitter) / 256.0)
}

pub fn examples() -> Vec<Vec<u8>> {
    vec![
        // A request, its answer, an unknown key, a pause, a rotation.
        vec![
            3, 0, 9, 5, 3, 9, 7, 0, 0, 3, 4, 9, 5, 3, 9, 1, 40, 0, 3, 4, 0, 5, 31, 0, 7, 0, 0,
        ],
        // Failures and their back-off.
        vec![
            3, 0, 0, 6, 0, 0, 7, 0, 0, 3, 1, 0, 0, 60, 0, 3, 1, 0, 6, 200, 0, 1, 255, 0, 3, 1, 0, 5, 7, 0,
        ],
        // Days.
        vec![
            3, 0, 0, 5, 1, 0, 2, 255, 0, 3, 0, 0, 5, 2, 0, 2, 255, 0, 3, 0, 0, 2, 255, 0, 3, 1, 0,
        ],
    ]
}
