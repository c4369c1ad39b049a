//! The key cache as a table of states and events (ARCHITECTURE.md, "When to fetch"), on a clock of its own.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

mod cache_support;

use std::time::Duration;

use cache_support::{Published, failure, kept_for, seconds, settings};
use entra_jwt_verify::keys::{
    CacheSettings, Decision, FetchCause, FetchFailure, KeyCache, KeyLookup, Monotonic, Ticket,
};
use entra_jwt_verify::{Error, KeyUnknown};

const HOUR: u64 = 3600;

/// A cache, a clock, and the keys an authority publishes.
struct World {
    cache: KeyCache,
    now: Monotonic,
}

/// What a request got, without the key.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    Key,
    Wait,
    NotFound,
    /// Rejected for so many seconds: it may be a key that was published just now.
    Cooldown(u32),
    Unfit,
    Unavailable(u32),
}

impl World {
    fn new() -> Self {
        Self::with(settings())
    }

    fn with(settings: CacheSettings) -> Self {
        Self {
            cache: KeyCache::new(settings),
            now: seconds(1000),
        }
    }

    /// A cache that was filled just now.
    fn filled(kids: &[&str]) -> Self {
        let mut world = Self::new();
        assert_eq!(world.ask(kids[0]), (Got::Wait, true));
        world.answer(kids);
        world
    }

    fn later(&mut self, pause: u64) -> &mut Self {
        self.now += seconds(pause);
        self
    }

    /// A request that arrives now: what it gets, and whether a fetch begins.
    fn ask(&mut self, kid: &str) -> (Got, bool) {
        let ticket = self.cache.ticket();
        self.ask_again(kid, ticket)
    }

    fn ask_again(&mut self, kid: &str, ticket: Ticket) -> (Got, bool) {
        let answer = Published::look_up(&mut self.cache, kid, ticket, self.now);
        (got(&answer), answer.fetch.is_some())
    }

    fn request_fetch(&mut self) -> (Got, bool) {
        let answer = self.cache.request_fetch(self.cache.ticket(), self.now);
        (got(&answer), answer.fetch.is_some())
    }

    fn answer(&mut self, kids: &[&str]) {
        self.cache.arrived(Published::set(kids), self.now, 0.5);
    }

    fn fail(&mut self) {
        self.cache.failed(failure(None), self.now, 0.0);
    }

    /// An unknown key, asked for and not found.
    fn waste(&mut self, kid: &str) {
        let ticket = self.cache.ticket();
        assert_eq!(self.ask(kid), (Got::Wait, true), "{kid}");
        self.answer(&["a"]);
        assert_eq!(self.ask_again(kid, ticket), (Got::NotFound, false), "{kid}");
    }
}

fn got(answer: &Decision) -> Got {
    match &answer.lookup {
        KeyLookup::Found(_) => Got::Key,
        KeyLookup::Pending => Got::Wait,
        KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::NotFound)) => Got::NotFound,
        KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::Cooldown { retry_after })) => {
            Got::Cooldown(*retry_after)
        }
        KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::Unfit)) => Got::Unfit,
        KeyLookup::Rejected(Error::KeysUnavailable { retry_after, .. }) => Got::Unavailable(*retry_after),
        KeyLookup::Rejected(other) => panic!("{other:?}"),
    }
}

#[test]
fn empty_the_first_request_fetches_and_the_others_wait() {
    let mut world = World::new();
    assert_eq!(world.ask("a"), (Got::Wait, true));
    assert_eq!(world.ask("a"), (Got::Wait, false));
    assert_eq!(world.ask("b"), (Got::Wait, false));
    assert_eq!(world.request_fetch(), (Got::Wait, false));
    world.answer(&["a", "b"]);
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(world.ask("b"), (Got::Key, false));
}

#[test]
fn only_a_first_fetch_may_try_twice() {
    let mut world = World::new();
    let ticket = world.cache.ticket();
    let first = Published::look_up(&mut world.cache, "a", ticket, world.now)
        .fetch
        .unwrap();
    assert!(first.first);
    world.answer(&["a"]);
    let ticket = world.cache.ticket();
    let refresh = Published::look_up(&mut world.cache, "b", ticket, world.now)
        .fetch
        .unwrap();
    assert!(!refresh.first);
}

#[test]
fn fresh_known_keys_cause_nothing() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.later(HOUR - 1).ask("a"), (Got::Key, false));
}

#[test]
fn stale_one_request_begins_a_refresh_and_nobody_waits() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    assert_eq!(world.ask("a"), (Got::Key, false));
    world.answer(&["a"]);
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
}

#[test]
fn the_refresh_is_spread_by_a_tenth_of_the_interval() {
    for (jitter, due) in [(0.0, 3240), (0.5, 3600), (1.0, 3960)] {
        let mut world = World::new();
        assert_eq!(world.ask("a"), (Got::Wait, true));
        world.cache.arrived(Published::set(&["a"]), world.now, jitter);
        assert_eq!(world.later(due - 1).ask("a"), (Got::Key, false), "{jitter}");
        assert_eq!(world.later(2).ask("a"), (Got::Key, true), "{jitter}");
    }
}

#[test]
fn an_unknown_key_causes_a_fetch_however_young_the_set_is() {
    let mut world = World::filled(&["a"]);
    let ticket = world.cache.ticket();
    assert_eq!(world.ask("b"), (Got::Wait, true));
    assert_eq!(world.ask("c"), (Got::Wait, false));
    assert_eq!(world.ask("a"), (Got::Key, false));
    world.answer(&["a", "b"]);
    assert_eq!(world.ask_again("b", ticket), (Got::Key, false));
    assert_eq!(world.ask_again("c", ticket), (Got::NotFound, false));
}

#[test]
fn the_pause_after_unknown_keys_grows_from_a_second_to_the_cooldown() {
    let mut world = World::filled(&["a"]);
    // Within 31 s one cooldown is paid off, so 16 s come twice.
    for (kid, pause) in [
        ("b", 1),
        ("c", 2),
        ("d", 4),
        ("e", 8),
        ("f", 16),
        ("g", 16),
        ("h", 30),
        ("i", 30),
        ("j", 30),
    ] {
        world.waste(kid);
        assert_eq!(world.ask("new"), (Got::Cooldown(pause), false), "{kid}");
        world.later(u64::from(pause) - 1);
        assert_eq!(world.ask("new"), (Got::Cooldown(1), false), "{kid}");
        world.later(1);
    }
    assert_eq!(world.ask("new"), (Got::Wait, true));
}

#[test]
fn quiet_times_shorten_the_pause_again() {
    let mut world = World::filled(&["a"]);
    for (kid, pause) in [("b", 1), ("c", 2), ("d", 4), ("e", 8)] {
        world.waste(kid);
        world.later(pause);
    }
    world.later(2 * 30).waste("f");
    assert_eq!(world.ask("new"), (Got::Cooldown(4), false));
    world.later(5 * 30).waste("g");
    assert_eq!(world.ask("new"), (Got::Cooldown(1), false));
}

#[test]
fn a_new_key_ends_the_pause() {
    let mut world = World::filled(&["a"]);
    let mut published = vec!["a".to_owned()];
    // Rotating every 5 s costs no good token anything, for however long.
    for rotation in 0..200 {
        let kid = format!("rotation-{}", rotation % 40);
        published.push(kid.clone());
        if world.ask(&kid) == (Got::Key, false) {
            break;
        }
        let kids: Vec<&str> = published.iter().map(String::as_str).collect();
        world.answer(&kids);
        assert_eq!(world.ask(&kid), (Got::Key, false));
        world.later(5);
    }
    assert_eq!(published.len(), 42);
    assert_eq!(world.ask("next"), (Got::Wait, true));
}

#[test]
fn a_new_key_ends_the_pause_that_made_up_ones_began() {
    let mut world = World::filled(&["a"]);
    for (kid, pause) in [("b", 1), ("c", 2), ("d", 4)] {
        world.waste(kid);
        world.later(pause);
    }
    assert_eq!(world.ask("e"), (Got::Wait, true));
    world.answer(&["a", "e"]);
    world.waste("f");
    assert_eq!(world.ask("g"), (Got::Cooldown(1), false));
}

#[test]
fn an_authority_that_makes_new_keys_for_each_answer_is_not_asked_without_a_bound() {
    let mut world = World::filled(&["a"]);
    let mut fetches = 0;
    for number in 0..200 {
        let kid = format!("rotation-{}", number % 40);
        if world.ask("never") == (Got::Wait, true) {
            fetches += 1;
            // Forgotten and back: with `retention: 0` and replicas that differ it is new each time.
            world.cache.forget_all();
            world.cache.arrived(Published::set(&["a", &kid]), world.now, 0.5);
        }
    }
    // Six for each of the six cooldowns that can be owed, and one that is followed by a pause. No time passes.
    assert_eq!(fetches, 6 * 6 + 1);
}

#[test]
fn the_pause_counts_from_the_attempt_not_from_its_end() {
    let mut world = World::filled(&["a"]);
    world.waste("b");
    world.later(1);
    assert_eq!(world.ask("c"), (Got::Wait, true));
    world.now += Duration::from_millis(1900);
    world.answer(&["a"]);
    assert_eq!(world.ask("d"), (Got::Cooldown(1), false));
    world.now += Duration::from_millis(100);
    assert_eq!(world.ask("d"), (Got::Wait, true));
}

#[test]
fn the_pause_counts_from_a_failed_attempt_too() {
    let mut world = World::filled(&["a"]);
    for (kid, pause) in [("b", 1), ("c", 2), ("d", 4), ("e", 8)] {
        world.waste(kid);
        world.later(pause);
    }
    assert_eq!(world.ask("f"), (Got::Wait, true));
    world.fail();
    // Not being able to ask is another thing than having been told no.
    assert_eq!(world.later(10).ask("f"), (Got::Unavailable(6), false));
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(world.later(6).ask("f"), (Got::Wait, true));
}

#[test]
fn a_failure_that_one_unknown_key_causes_keeps_a_new_key_out_for_a_second() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.ask("junk"), (Got::Wait, true));
    world.fail();
    assert_eq!(world.ask("b"), (Got::Unavailable(1), false));
    assert_eq!(world.later(1).ask("b"), (Got::Wait, true));
}

#[test]
fn only_a_key_that_the_authority_was_not_asked_about_may_be_a_new_one() {
    let mut world = World::filled(&["a"]);
    world.waste("b");
    assert_eq!(world.ask("b"), (Got::NotFound, false));
    assert_eq!(world.ask("c"), (Got::Cooldown(1), false));
    // While keys are being exchanged, replicas differ: what one lacks another may have.
    assert_eq!(world.later(1).ask("d"), (Got::Wait, true));
    world.answer(&["a", "d"]);
    world.waste("c");
    assert_eq!(world.ask("b"), (Got::Cooldown(1), false));
}

#[test]
fn a_first_fetch_does_not_begin_the_cooldown() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.later(1).ask("b"), (Got::Wait, true));
}

#[test]
fn one_request_causes_one_fetch_at_most() {
    let mut world = World::new();
    let ticket = world.cache.ticket();
    assert_eq!(world.ask("b"), (Got::Wait, true));
    world.answer(&["a"]);
    assert_eq!(world.ask_again("b", ticket), (Got::NotFound, false));
}

#[test]
fn who_joined_a_fetch_that_had_begun_before_may_cause_one_of_its_own() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    let ticket = world.cache.ticket();
    assert_eq!(world.ask_again("b", ticket), (Got::Wait, false));
    // the answer was on its way before `b` was published
    world.answer(&["a"]);
    assert_eq!(world.ask_again("b", ticket), (Got::Wait, true));
    world.answer(&["a", "b"]);
    assert_eq!(world.ask_again("b", ticket), (Got::Key, false));
}

#[test]
fn a_failed_first_fetch_backs_off_from_one_second_to_thirty() {
    let mut world = World::new();
    for pause in [1, 2, 4, 8, 16, 30, 30, 30] {
        let ticket = world.cache.ticket();
        assert_eq!(world.ask("a"), (Got::Wait, true));
        world.fail();
        assert_eq!(world.ask_again("a", ticket), (Got::Unavailable(pause), false));
        assert_eq!(world.request_fetch(), (Got::Unavailable(pause), false));
        world.later(pause.into());
    }
    assert_eq!(world.ask("a"), (Got::Wait, true));
    world.answer(&["a"]);
    assert_eq!(world.ask("a"), (Got::Key, false));
}

#[test]
fn a_success_ends_the_back_off() {
    let mut world = World::new();
    for pause in [1, 2] {
        assert_eq!(world.ask("a"), (Got::Wait, true));
        world.fail();
        world.later(pause);
    }
    assert_eq!(world.ask("a"), (Got::Wait, true));
    world.answer(&["a"]);
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    world.fail();
    assert_eq!(world.cache.outcome(world.now), Err(unavailable(1)));
}

fn unavailable(retry_after: u32) -> Error {
    Error::KeysUnavailable {
        cause: failure(None).cause,
        retry_after,
    }
}

#[test]
fn jitter_shortens_the_back_off_by_up_to_a_half() {
    for (jitter, pause) in [(0.0, 1000), (0.5, 750), (1.0, 500)] {
        let mut world = World::new();
        assert_eq!(world.ask("a"), (Got::Wait, true));
        world.cache.failed(failure(None), world.now, jitter);
        world.now += Duration::from_millis(pause - 1);
        assert_eq!(world.ask("a"), (Got::Unavailable(1), false));
        world.now += Duration::from_millis(1);
        assert_eq!(world.ask("a"), (Got::Wait, true));
    }
}

#[test]
fn retry_after_is_obeyed_up_to_five_minutes() {
    for (asked_for, obeyed) in [(0, 1), (60, 60), (300, 300), (301, 300), (86_400, 300)] {
        let mut world = World::new();
        assert_eq!(world.ask("a"), (Got::Wait, true));
        world.cache.failed(failure(Some(asked_for)), world.now, 0.0);
        assert_eq!(world.ask("a"), (Got::Unavailable(obeyed), false));
        world.now += Duration::from_millis(u64::from(obeyed) * 1000 - 1);
        assert_eq!(world.ask("a"), (Got::Unavailable(1), false));
        world.now += Duration::from_millis(1);
        assert_eq!(world.ask("a"), (Got::Wait, true));
    }
}

#[test]
fn a_failed_refresh_keeps_the_keys_and_is_tried_again_after_the_back_off() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    world.fail();
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(world.later(1).ask("a"), (Got::Key, true));
}

#[test]
fn unknown_keys_obey_retry_after_too() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    world.cache.failed(failure(Some(120)), world.now, 0.0);
    assert_eq!(world.later(100).ask("b"), (Got::Unavailable(20), false));
    assert_eq!(world.later(20).ask("b"), (Got::Wait, true));
}

#[test]
fn a_key_that_vanished_stays_for_retention_and_no_longer() {
    let mut world = World::filled(&["a", "b"]);
    for _ in 0..24 {
        assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
        assert_eq!(world.ask("b"), (Got::Key, false));
        world.answer(&["a"]);
    }
    assert_eq!(world.ask("b"), (Got::Key, false));
    assert_eq!(world.later(1).ask("b"), (Got::Wait, true));
}

#[test]
fn a_key_that_came_back_is_young_again() {
    let mut world = World::filled(&["a", "b"]);
    for kids in [&["a"] as &[_], &["a", "b"], &["a"], &["a"]] {
        assert_eq!(world.later(10 * HOUR).ask("b"), (Got::Key, true), "{kids:?}");
        world.answer(kids);
    }
    assert_eq!(world.later(5 * HOUR).ask("b"), (Got::Wait, true));
}

#[test]
fn retention_zero_replaces_the_set_with_each_answer() {
    let mut world = World::with(kept_for(Duration::ZERO));
    assert_eq!(world.ask("a"), (Got::Wait, true));
    world.answer(&["a", "b"]);
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    world.answer(&["a"]);
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(world.ask("b"), (Got::Wait, true));
}

#[test]
fn the_newest_answer_outlives_an_outage_of_a_day_and_no_more() {
    for retention in [Duration::ZERO, seconds(60), seconds(24 * HOUR)] {
        let mut world = World::with(kept_for(retention));
        assert_eq!(world.ask("a"), (Got::Wait, true));
        world.answer(&["a"]);
        assert_eq!(world.later(24 * HOUR).ask("a"), (Got::Key, true), "{retention:?}");
        world.fail();
        assert_eq!(world.later(1).ask("a"), (Got::Wait, true), "{retention:?}");
    }
}

#[test]
fn a_longer_retention_holds_for_the_newest_answer_too() {
    let mut world = World::with(kept_for(seconds(48 * HOUR)));
    assert_eq!(world.ask("a"), (Got::Wait, true));
    world.answer(&["a"]);
    assert_eq!(world.later(48 * HOUR).ask("a"), (Got::Key, true));
}

#[test]
fn a_key_of_another_type_is_refused_without_a_fetch() {
    let mut world = World::filled(&["a"]);
    let ticket = world.cache.ticket();
    let answer = Published::look_up_as_rsa(&mut world.cache, "a", ticket, world.now);
    assert_eq!((got(&answer), answer.fetch), (Got::Unfit, None));
}

#[test]
fn preloading_fetches_although_keys_are_at_hand_and_once_for_all() {
    let mut world = World::filled(&["a"]);
    assert_eq!(world.request_fetch(), (Got::Wait, true));
    assert_eq!(world.request_fetch(), (Got::Wait, false));
    world.answer(&["a"]);
    assert_eq!(world.cache.outcome(world.now), Ok(()));
}

#[test]
fn the_cause_of_a_failure_is_told() {
    let mut world = World::new();
    assert_eq!(world.ask("a"), (Got::Wait, true));
    let cause = FetchCause::Timeout(seconds(5));
    world.cache.failed(
        FetchFailure {
            cause: cause.clone(),
            retry_after: None,
        },
        world.now,
        0.0,
    );
    assert_eq!(
        world.cache.outcome(world.now),
        Err(Error::KeysUnavailable { cause, retry_after: 1 })
    );
}

/// A cache that never fetches, with these keys merged into it.
fn given(kids: &[&str]) -> World {
    let mut world = World::new();
    world.cache = KeyCache::without_fetches(settings());
    if !kids.is_empty() {
        world.cache.merge(Published::set(kids), world.now, 0.5);
    }
    world
}

#[test]
fn without_fetches_only_merged_keys_are_there() {
    let mut world = given(&[]);
    for _ in 0..2 {
        assert_eq!(world.ask("a"), (Got::Unavailable(1), false));
        assert_eq!(world.request_fetch(), (Got::Unavailable(1), false));
    }
    let mut world = given(&["a"]);
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(world.ask("b"), (Got::NotFound, false));
    assert_eq!(world.request_fetch(), (Got::Wait, false));
    assert_eq!(world.cache.outcome(world.now), Ok(()));
    // By the rules of an answer: 24 h, and not a moment longer.
    assert_eq!(world.later(24 * HOUR).ask("a"), (Got::Key, false));
    assert_eq!(world.cache.tick(world.now), None);
    assert_eq!(world.later(1).ask("a"), (Got::Unavailable(1), false));
    assert!(world.cache.outcome(world.now).is_err());
}

#[test]
fn a_merged_set_is_as_good_as_an_answer() {
    let mut world = World::new();
    world.cache.merge(Published::set(&["a"]), world.now, 0.5);
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    // It ends a pause and a back-off, but not the fetch that is under way.
    world.cache.merge(Published::set(&["a", "b"]), world.now, 0.5);
    assert_eq!(world.ask("b"), (Got::Key, false));
    assert_eq!(world.ask("c"), (Got::Wait, false));
    world.fail();
    assert_eq!(world.ask("c"), (Got::Unavailable(1), false));
    world.cache.merge(Published::set(&["c"]), world.now, 0.5);
    assert_eq!(world.ask("c"), (Got::Key, false));
    assert_eq!(world.ask("d"), (Got::Wait, true));
}

#[test]
fn keys_to_start_with_are_served_while_the_first_answer_is_fetched() {
    let mut world = World::new();
    world.cache.start_with(Published::set(&["a"]), world.now);
    assert_eq!(world.cache.newest_answer(), None);
    assert_eq!(world.ask("a"), (Got::Key, true));
    world.fail();
    // They live as the newest answer would.
    assert_eq!(world.later(24 * HOUR).ask("a"), (Got::Key, true));
    world.fail();
    assert_eq!(world.later(1).ask("a"), (Got::Unavailable(1), false));
    assert_eq!(world.later(1).ask("a"), (Got::Wait, true));
    world.answer(&["b"]);
    assert_eq!(world.cache.newest_answer(), Some(world.now));
    assert_eq!(world.ask("b"), (Got::Key, false));
}

#[test]
fn an_answer_ends_the_longer_life_of_the_keys_to_start_with() {
    let mut world = World::with(kept_for(seconds(60)));
    world.cache.start_with(Published::set(&["a"]), world.now);
    assert_eq!(world.ask("a"), (Got::Key, true));
    world.later(1).answer(&["b"]);
    assert_eq!(world.later(59).ask("a"), (Got::Key, false));
    assert_eq!(world.later(1).ask("a"), (Got::Wait, true));
}

#[test]
fn a_tick_refreshes_when_it_is_due_and_not_while_a_fetch_is_under_way() {
    let mut world = World::new();
    assert_eq!(
        world.cache.tick(world.now),
        None,
        "without keys, nothing is to be refreshed"
    );
    let mut world = World::filled(&["a"]);
    world.later(HOUR - 1);
    assert_eq!(world.cache.tick(world.now), None);
    world.later(1);
    assert!(world.cache.tick(world.now).is_some_and(|fetch| !fetch.first));
    assert!(world.cache.is_fetching());
    assert_eq!(world.cache.tick(world.now), None);
    world.answer(&["a"]);
    assert!(!world.cache.is_fetching());
}

#[test]
fn an_issuer_that_has_changed_leaves_no_key() {
    let mut world = World::filled(&["a"]);
    world.cache.forget_all();
    assert_eq!(world.cache.newest_answer(), None);
    assert_eq!(world.ask("a"), (Got::Wait, true));
}

#[test]
fn a_tick_drops_keys_past_their_life() {
    let mut world = World::filled(&["a"]);
    world.later(24 * HOUR + 1);
    assert_eq!(world.cache.tick(world.now), None, "the next request fetches");
    assert!(world.cache.keys().is_empty());
}

#[test]
fn the_next_tick_is_at_the_refresh_the_end_of_the_back_off_or_the_end_of_a_life() {
    let mut world = World::filled(&["a"]);
    let filled = world.now;
    assert_eq!(world.cache.next_tick(), filled + seconds(HOUR));
    assert!(world.cache.tick(filled + seconds(HOUR)).is_some());
    let last_moment = filled + seconds(24 * HOUR);
    assert_eq!(world.cache.next_tick(), last_moment, "a fetch is under way");
    world.later(HOUR).fail();
    assert_eq!(world.cache.next_tick(), filled + seconds(HOUR + 1));
    world.cache.merge(Published::set(&["a"]), world.now, 0.5);
    world.cache.failed(failure(None), world.now, 0.0);
    assert_eq!(world.cache.tick(world.now), None);
    assert_eq!(
        world.cache.next_tick(),
        filled + seconds(2 * HOUR),
        "not at the end of the back-off before it is due"
    );

    let mut world = given(&["a"]);
    assert_eq!(world.cache.tick(world.now), None);
    assert_eq!(world.cache.next_tick(), last_moment, "nothing is fetched");
}

#[test]
fn fetches_failures_and_stale_keys_are_counted() {
    let mut world = World::filled(&["a"]);
    let counts = |world: &World| {
        let counts = world.cache.counts();
        (counts.fetches, counts.failures, counts.stale_serves)
    };
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(counts(&world), (1, 0, 0));
    assert_eq!(world.later(HOUR).ask("a"), (Got::Key, true));
    assert_eq!(world.ask("a"), (Got::Key, false));
    assert_eq!(counts(&world), (2, 0, 2));
    for failures in 1..=2 {
        world.fail();
        assert_eq!(counts(&world), (1 + failures, failures, 1 + failures));
        assert_eq!(world.later(30).ask("a"), (Got::Key, true));
    }
}
