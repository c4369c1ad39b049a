//! A cache under test, and what a bystander remembers: what holds after each event is checked at once.

use std::collections::HashMap;
use std::time::Duration;

use entra_jwt_verify::keys::{FetchRequest, KeyCache, KeyLookup, Monotonic, Ticket};

use super::{Published, failure, settings};

pub const KIDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[derive(Clone, Debug)]
pub enum Event {
    /// Time passes, in milliseconds.
    Pause(u64),
    /// A request for a key.
    Request(usize),
    /// The fetch that is under way, if any, ends with these keys.
    Answer(Vec<usize>),
    /// The fetch that is under way, if any, fails.
    Failure(Option<u64>),
    /// Everybody who waits asks again.
    AskAgain,
}

/// The cache under test, and what a bystander remembers.
pub struct Bystander {
    pub cache: KeyCache,
    now: Monotonic,
    last_seen: HashMap<usize, Monotonic>,
    in_flight: bool,
    pub waiting: Vec<(usize, Ticket)>,
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
    pub fn new() -> Self {
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

    pub fn happen(&mut self, event: Event, jitter: f64) {
        match event {
            Event::Pause(milliseconds) => self.now += Duration::from_millis(milliseconds),
            Event::Request(kid) => {
                let ticket = self.cache.ticket();
                self.ask(kid, ticket);
            }
            Event::Answer(kids) if self.in_flight => {
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

    pub fn ask(&mut self, kid: usize, ticket: Ticket) {
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
    pub fn check_requests(&self) {
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
