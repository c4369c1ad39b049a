//! The fuzz targets, on random changes of their examples and on random bytes: what `cargo fuzz` looks for with more time.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use crate::targets::{TARGETS, Target};

const CASES: u32 = 3_000;

/// A change to some bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Splice(Index, Index, Index),
}

/// Parts that random bytes seldom hit.
const WORDS: [&str; 24] = [
    "\"",
    "\\u0000",
    "\\ud800",
    "{}",
    "[]",
    "null",
    "-1",
    "1e400",
    "0.5",
    ",",
    ":",
    ".",
    "\n",
    "\0",
    "é",
    "exp",
    "kid",
    "alg",
    "iss",
    "https://",
    "[[[[[[[[[[[[[[[[",
    "{\"a\":",
    "GMT",
    "AADSTS",
];

fn change() -> impl Strategy<Value = Change> {
    let word = prop::sample::select(WORDS.as_slice()).prop_map(|word| word.as_bytes().to_vec());
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        3 => (any::<Index>(), prop_oneof![word, vec(any::<u8>(), 1..4)]).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (any::<Index>(), 1..40_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (any::<Index>(), 1..40_usize).prop_map(|(at, count)| Change::Repeat(at, count)),
        1 => any::<(Index, Index, Index)>().prop_map(|(at, from, to)| Change::Splice(at, from, to)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: Change) {
    let end = bytes.len() + 1;
    let up_to = |at: usize, count: usize| at..bytes.len().min(at + count);
    match change {
        Change::Set(at, byte) if !bytes.is_empty() => {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        Change::Set(_, byte) => bytes.push(byte),
        Change::Insert(at, more) => {
            let at = at.index(end);
            bytes.splice(at..at, more);
        }
        Change::Remove(at, count) => {
            let part = up_to(at.index(end), count);
            bytes.drain(part);
        }
        Change::Repeat(at, count) => {
            let part = up_to(at.index(end), count);
            let (again, place) = (bytes[part.clone()].to_vec(), part.end);
            bytes.splice(place..place, again);
        }
        Change::Splice(at, from, to) => {
            let (from, to) = (from.index(end), to.index(end));
            let part = bytes[from.min(to)..from.max(to)].to_vec();
            let at = at.index(end);
            bytes.splice(at..at, part);
        }
    }
}

fn input(examples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changed = (prop::sample::select(examples), vec(change(), 0..5)).prop_map(|(mut bytes, changes)| {
        for change in changes {
            apply(&mut bytes, change);
        }
        bytes
    });
    prop_oneof![6 => changed, 1 => vec(any::<u8>(), 0..300)]
}

fn check(Target { name, run, examples }: &Target) {
    let examples = examples();
    assert!(!examples.is_empty(), "{name}");
    for example in &examples {
        run(example);
    }
    // An input that was found becomes an example of its target, which is not forgotten.
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&input(examples), |bytes| {
        run(&bytes);
        Ok::<(), TestCaseError>(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, bytes)) => panic!("{name}: {reason}: {:?}", String::from_utf8_lossy(&bytes)),
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn what_always_has_to_hold_holds_for_each_target() {
    for target in TARGETS {
        check(target);
    }
}

#[test]
fn every_target_is_fuzzed_and_every_fuzz_target_is_run_here() {
    let cargo = include_str!("../../fuzz/Cargo.toml");
    let mut fuzzed: Vec<&str> = cargo
        .split("[[bin]]")
        .skip(1)
        .filter_map(|bin| bin.split('"').nth(1))
        .collect();
    fuzzed.sort_unstable();
    let files = include_str!("../targets/mod.rs");
    let mut run: Vec<&str> = files
        .split("target!(")
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(name, _)| name))
        .collect();
    run.sort_unstable();
    assert_eq!(fuzzed, run);
}
