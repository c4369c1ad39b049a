//! When unknown keys may cause a fetch: soon after quiet times, seldom under a flood.
//!
//! A fetch that unknown keys cause costs one `cooldown` of an account, which time pays off. The more is owed, the longer the
//! next one has to wait: 1 s, 2 s, 4 s … `cooldown`. What is owed never exceeds *n* = 1 + ⌈log₂ `cooldown`⌉ cooldowns (in
//! seconds; 6 for the default of 30 s), so in any span *T* made-up keys cause at most *T* / `cooldown` + *n* fetches.
//!
//! An answer with a key that was not there, which only the authority can make, settles the account, so that *n* more fetches may follow. Where
//! unknown keys caused it, it costs a sixth of a cooldown of another account with the same limit, so that an authority whose
//! answers differ each time (replicas, with `retention: 0`) cannot be made to answer without a pause.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::Monotonic;
use crate::token::KeyReference;

/// The pause after the first fetch that brought nothing.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Fetches that bring a new key, for one cooldown of their account.
const PARTS_FOR_NEW_KEY: u32 = 6;

/// Names that the authority was asked about and does not have.
const MAX_REMEMBERED: usize = 64;

/// What unknown keys have caused.
#[derive(Debug)]
pub(super) struct UnknownKeys {
    cooldown: Duration,
    /// When everything is paid off.
    paid_off: Monotonic,
    /// The same for fetches that brought a new key.
    new_paid_off: Monotonic,
    resume_at: Monotonic,
    /// Whether the fetch that is under way was caused by an unknown key.
    is_charged: bool,
    /// Hashes of names.
    asked: VecDeque<u64>,
}

impl UnknownKeys {
    pub(super) const fn new(cooldown: Duration) -> Self {
        Self {
            cooldown,
            paid_off: Monotonic::ZERO,
            new_paid_off: Monotonic::ZERO,
            resume_at: Monotonic::ZERO,
            is_charged: false,
            asked: VecDeque::new(),
        }
    }

    /// Before this moment no unknown key causes a fetch.
    pub(super) const fn resume_at(&self) -> Monotonic {
        self.resume_at
    }

    /// A fetch begins because of an unknown key.
    pub(super) fn fetch_begins(&mut self, now: Monotonic) {
        self.is_charged = true;
        self.paid_off = self.paid_off.max(now).saturating_add(self.cooldown);
        let doublings = self.owed(now).saturating_sub(1).min(31);
        let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(self.cooldown);
        self.resume_at = now.saturating_add(pause);
    }

    /// Keys came that were not there: the pause ends.
    pub(super) fn found_new(&mut self, now: Monotonic) {
        if self.is_charged {
            self.new_paid_off = self
                .new_paid_off
                .max(now)
                .saturating_add(self.cooldown / PARTS_FOR_NEW_KEY);
        }
        self.asked.clear();
        if self.new_paid_off.saturating_sub(now) <= self.cooldown.saturating_mul(self.max_owed()) {
            self.paid_off = now;
            self.resume_at = now;
        }
    }

    /// The fetch that was under way has ended.
    pub(super) const fn fetch_ended(&mut self) {
        self.is_charged = false;
    }

    /// The authority was asked about this key, and does not have it.
    pub(super) fn remember(&mut self, reference: &KeyReference<'_>) {
        if self.has_been_asked(reference) {
            return;
        }
        if self.asked.len() == MAX_REMEMBERED {
            self.asked.pop_front();
        }
        self.asked.push_back(hash(reference));
    }

    /// Whether a fetch since the last new key was asked about this key; the newest 64 are remembered.
    pub(super) fn has_been_asked(&self, reference: &KeyReference<'_>) -> bool {
        self.asked.contains(&hash(reference))
    }

    /// Cooldowns that are owed, a part of one as a whole.
    fn owed(&self, now: Monotonic) -> u32 {
        let owed = self.paid_off.saturating_sub(now).as_nanos();
        u32::try_from(owed.div_ceil(self.cooldown.as_nanos().max(1))).unwrap_or(u32::MAX)
    }

    /// Cooldowns that can be owed: with so many the pause is a whole cooldown.
    fn max_owed(&self) -> u32 {
        let doublings = (0..31).find(|&doublings| FIRST_PAUSE.saturating_mul(1 << doublings) >= self.cooldown);
        1 + doublings.unwrap_or(31)
    }
}

fn hash(reference: &KeyReference<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match reference {
        KeyReference::Kid(kid) => (0, kid).hash(&mut hasher),
        KeyReference::X5t(x5t) => (1, x5t).hash(&mut hasher),
        KeyReference::Unnamed => 2.hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOLDOWN: Duration = Duration::from_secs(30);
    const NOW: Monotonic = Monotonic::from_secs(1000);

    #[test]
    fn the_newest_names_are_remembered() {
        let mut unknown = UnknownKeys::new(COOLDOWN);
        let names: Vec<_> = (0..=MAX_REMEMBERED).map(|at| at.to_string()).collect();
        let references: Vec<_> = names
            .iter()
            .map(|name| KeyReference::Kid(name.as_str().into()))
            .collect();
        let (oldest, newer) = references.split_first().unwrap();
        unknown.remember(oldest);
        for reference in newer {
            assert!(unknown.has_been_asked(oldest));
            // A name that is remembered takes no other place.
            unknown.remember(reference);
            unknown.remember(reference);
        }
        assert!(!unknown.has_been_asked(oldest));
        assert!(newer.iter().all(|reference| unknown.has_been_asked(reference)));
    }

    #[test]
    fn a_new_key_that_no_unknown_key_caused_costs_nothing() {
        let mut unknown = UnknownKeys::new(COOLDOWN);
        for _ in 0..=PARTS_FOR_NEW_KEY * unknown.max_owed() {
            unknown.fetch_begins(NOW);
            unknown.fetch_ended();
            unknown.found_new(NOW);
        }
        assert_eq!(unknown.resume_at(), NOW);
    }

    #[test]
    fn new_keys_that_unknown_keys_caused_cost_a_sixth_of_a_cooldown_each() {
        let mut unknown = UnknownKeys::new(COOLDOWN);
        let free = PARTS_FOR_NEW_KEY * unknown.max_owed();
        for at in 0..=free {
            unknown.fetch_begins(NOW);
            unknown.found_new(NOW);
            unknown.fetch_ended();
            assert_eq!(unknown.resume_at() == NOW, at < free, "{at}");
        }
    }
}
