//! What holds for the key cache whatever happens: random requests, answers, failures and pauses.

mod cache_support;

use std::time::Duration;

use cache_support::bystander::{Bystander, Event, KIDS};
use cache_support::{Published, settings};
use entra_jwt_verify::keys::KeyCache;
use proptest::collection::vec;
use proptest::prelude::*;

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0..5_000_u64).prop_map(Event::Pause),
        2 => (0..7_200_000_u64).prop_map(Event::Pause),
        1 => (0..60_000_000_u64).prop_map(Event::Pause),
        8 => (0..KIDS.len()).prop_map(Event::Request),
        4 => vec(0..KIDS.len(), 1..4).prop_map(Event::Answer),
        2 => proptest::option::of(0..400_u64).prop_map(Event::Failure),
        3 => Just(Event::AskAgain),
    ]
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
            bystander.happen(fate.map_or(Event::Failure(None), Event::Answer), 0.5);
            bystander.happen(Event::AskAgain, 0.5);
        }
        prop_assert!(bystander.waiting.is_empty());
        prop_assert!(fetches <= 2);
    }
}
