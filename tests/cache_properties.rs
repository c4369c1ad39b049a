//! What holds for the key cache whatever happens: random requests, answers, failures and pauses.

mod cache_support;

use std::collections::HashMap;
use std::time::Duration;

use cache_support::{Published, failure, settings};
use entra_jwt_verify::keys::{FetchRequest, KeyCache, KeyLookup, Monotonic, Ticket};
use proptest::collection::vec;
use proptest::prelude::*;

const KIDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[derive(Clone, Debug)]
enum Event {
    /// Time passes, in milliseconds.
    Pause(u64),
    /// A request for a key.
    Request(usize),
    /// The fetch that is under way, if any, ends with these keys.
    Decision(Vec<usize>),
    /// The fetch that is under way, if any, fails.
    Failure(Option<u64>),
    /// Everybody who waits asks again.
    AskAgain,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0..5_000_u64).prop_map(Event::Pause),
        2 => (0..7_200_000_u64).prop_map(Event::Pause),
        1 => (0..60_000_000_u64).prop_map(Event::Pause),
        8 => (0..KIDS.len()).prop_map(Event::Request),
        4 => vec(0..KIDS.len(), 1..4).prop_map(Event::Decision),
        2 => proptest::option::of(0..400_u64).prop_map(Event::Failure),
        3 => Just(Event::AskAgain),
    ]
}

/// The cache under test, and what a bystander remembers.
struct Bystander {
    cache: KeyCache,
    now: Monotonic,
    last_seen: HashMap<usize, Monotonic>,
    in_flight: bool,
    waiting: Vec<(usize, Ticket)>,
    begun: Vec<Begun>,
    last_failed: Option<Monotonic>,
}

struct Begun {
    at: Monotonic,
    by_known_key: bool,
    with_no_keys: bool,
    brought_new_key: bool,
}

impl Bystander {
    fn new() -> Self {
        Self {
            cache: KeyCache::new(settings()),
            now: Duration::from_secs(1),
            last_seen: HashMap::new(),
            in_flight: false,
            waiting: Vec::new(),
            begun: Vec::new(),
            last_failed: None,
        }
    }

    fn happen(&mut self, event: Event, jitter: f64) {
        match event {
            Event::Pause(milliseconds) => self.now += Duration::from_millis(milliseconds),
            Event::Request(kid) => {
                let ticket = self.cache.ticket();
                self.ask(kid, ticket);
            }
            Event::Decision(kids) if self.in_flight => {
                self.in_flight = false;
                let names: Vec<_> = kids.iter().map(|&kid| KIDS[kid]).collect();
                let known = |kid: &usize| {
                    self.cache
                        .keys()
                        .ages(self.now)
                        .any(|(key, _)| key.name() == KIDS[*kid])
                };
                if let Some(begun) = self.begun.last_mut() {
                    begun.brought_new_key = !kids.iter().all(known);
                }
                self.cache.arrived(Published::set(&names), self.now, jitter);
                self.last_seen.extend(kids.into_iter().map(|kid| (kid, self.now)));
                self.last_failed = None;
            }
            Event::Failure(retry_after) if self.in_flight => {
                self.in_flight = false;
                self.cache.failed(failure(retry_after), self.now, jitter);
                self.last_failed = Some(self.now);
            }
            Event::AskAgain if !self.in_flight => {
                for (kid, ticket) in std::mem::take(&mut self.waiting) {
                    self.ask(kid, ticket);
                }
            }
            _ => {}
        }
        self.check_cache();
    }

    fn ask(&mut self, kid: usize, ticket: Ticket) {
        let answer = Published::look_up(&mut self.cache, KIDS[kid], ticket, self.now);
        let is_key = matches!(answer.lookup, KeyLookup::Found(_));
        let retention = settings().retention;
        if self
            .last_seen
            .get(&kid)
            .is_some_and(|&seen| self.now <= seen + retention)
        {
            assert!(
                is_key,
                "a key seen within retention verifies, and does not wait: {:?}",
                answer.lookup
            );
        }
        if let Some(FetchRequest { .. }) = answer.fetch {
            assert!(!self.in_flight, "one fetch at a time");
            self.in_flight = true;
            self.begun.push(Begun {
                at: self.now,
                by_known_key: is_key,
                with_no_keys: self.cache.keys().is_empty(),
                brought_new_key: false,
            });
            if let Some(failed) = self.last_failed {
                assert!(
                    self.now >= failed + Duration::from_millis(500),
                    "no fetch before the back-off is over"
                );
            }
        }
        if matches!(answer.lookup, KeyLookup::Pending) {
            assert!(self.in_flight, "nobody waits for nothing");
            self.waiting.push((kid, ticket));
        }
    }

    /// Whether a refresh brought a new key in between.
    fn had_news_between(&self, from: Monotonic, to: Monotonic) -> bool {
        self.begun
            .iter()
            .any(|begun| begun.brought_new_key && (from..=to).contains(&begun.at))
    }

    fn check_cache(&self) {
        assert_eq!(self.cache.is_fetching(), self.in_flight);
        assert!(self.cache.keys().len() <= KIDS.len());
    }

    /// Bounds on requests that unknown keys cause and that bring nothing: in any span one per cooldown, six more, and six
    /// more for each answer with a new key.
    fn check_requests(&self) {
        let cooldown = settings().cooldown;
        let by_unknown_key = |begun: &&Begun| !begun.by_known_key && !begun.with_no_keys;
        for (first, from) in self.begun.iter().enumerate() {
            let (mut count, mut allowances) = (0, 1);
            for to in &self.begun[first..] {
                if to.brought_new_key {
                    allowances += 1;
                    continue;
                }
                count += u32::from(by_unknown_key(&to));
                let span = to.at.saturating_sub(from.at);
                assert!(
                    cooldown * count <= span + cooldown * 6 * allowances,
                    "{count} within {span:?}, {allowances} allowances"
                );
            }
        }
        let unknown: Vec<_> = self.begun.iter().filter(by_unknown_key).collect();
        for pair in unknown.windows(2).filter(|pair| !pair[0].brought_new_key) {
            assert!(
                pair[1].at >= pair[0].at + Duration::from_secs(1) || self.had_news_between(pair[0].at, pair[1].at),
                "a second at least after a fetch that brought nothing"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn known_keys_verify_nobody_waits_for_nothing_and_requests_are_bounded(
        events in vec((event(), 0.0..1.0_f64), 1..200),
    ) {
        let mut bystander = Bystander::new();
        for (event, jitter) in events {
            bystander.happen(event, jitter);
        }
        bystander.check_requests();
    }

    #[test]
    fn a_flood_of_made_up_keys_causes_one_fetch_per_cooldown_and_six_more(
        pauses in vec(0..40_000_u64, 1..400),
        cooldown in 1..600_u64,
    ) {
        let mut settings = settings();
        settings.cooldown = Duration::from_secs(cooldown);
        // Nothing is refreshed meanwhile.
        settings.refresh_interval = Duration::from_secs(1_000_000_000);
        settings.retention = Duration::from_secs(1_000_000_000);
        let mut cache = KeyCache::new(settings);
        let start = Duration::from_secs(1);
        let mut now = start;
        cache.merge(Published::set(&["a"]), now, 0.5);
        let mut begun = Vec::new();
        for pause in pauses {
            now += Duration::from_millis(pause);
            let ticket = cache.ticket();
            if Published::look_up(&mut cache, "made-up", ticket, now).fetch.is_some() {
                begun.push(now);
                cache.arrived(Published::set(&["a"]), now, 0.5);
            }
        }
        let most = 1 + (0..32).find(|doublings| 1_u64 << doublings >= cooldown).unwrap_or(32);
        for (first, from) in begun.iter().enumerate() {
            for (count, to) in (1..).zip(&begun[first..]) {
                let span = to.saturating_sub(*from);
                let bound = span + Duration::from_secs(cooldown) * most;
                prop_assert!(Duration::from_secs(cooldown) * count <= bound, "{count} within {span:?}, cooldown {cooldown}");
            }
        }
    }

    #[test]
    fn whoever_waits_is_answered_after_two_fetches_at_the_most(
        before in vec((event(), 0.0..1.0_f64), 0..60),
        kid in 0..KIDS.len(),
        fates in vec(proptest::option::of(vec(0..KIDS.len(), 1..4)), 3),
    ) {
        let mut bystander = Bystander::new();
        for (event, jitter) in before {
            bystander.happen(event, jitter);
        }
        bystander.waiting.clear();
        let ticket = bystander.cache.ticket();
        bystander.ask(kid, ticket);
        let mut fetches = 0;
        for fate in fates {
            if bystander.waiting.is_empty() {
                break;
            }
            fetches += 1;
            bystander.happen(fate.map_or(Event::Failure(None), Event::Decision), 0.5);
            bystander.happen(Event::AskAgain, 0.5);
        }
        prop_assert!(bystander.waiting.is_empty());
        prop_assert!(fetches <= 2);
    }
}
