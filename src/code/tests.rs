//! What a sketch must say of a lane, in every language.

use super::*;
use crate::experiment::lane_preset::LANE_PRESETS;
use crate::experiment::limits::{AdaptiveLimit, Breaker, Hedge, RequestBucket, Window};
use crate::experiment::{Fallback, FallbackRule, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec};

fn text_of(language: Language, spec: &LaneSpec, steps: u8) -> String {
    let lines = sketch(language, &spec.validate().expect("sound"), steps);
    lines.into_iter().map(|line| line.text + "\n").collect()
}

fn text(language: Language, spec: &LaneSpec) -> String {
    text_of(language, spec, 1)
}

/// Each language's sketch of a chain of so many steps says its own words, in their order.
#[track_caller]
fn says_of_steps(spec: &LaneSpec, steps: u8, words: [&[&str]; 3]) {
    for (language, words) in Language::ALL.into_iter().zip(words) {
        let text = text_of(language, spec, steps);
        let mut rest = &*text;
        for word in words {
            let found = rest.find(word);
            assert!(found.is_some(), "{word} is missing in {}, or not in its place:\n{text}", language.name());
            rest = &rest[found.unwrap_or_default() + word.len()..];
        }
    }
}

#[track_caller]
fn says(spec: &LaneSpec, words: [&[&str]; 3]) {
    says_of_steps(spec, 1, words);
}

fn bucket() -> LaneSpec {
    LaneSpec { request_bucket: Some(RequestBucket { capacity: 17, per_minute: 90 }), ..LaneSpec::concurrent(4) }
}

#[test]
fn the_numbers_of_the_lane_stand_in_every_language() {
    let spec = LaneSpec { tries: 7, delay_cap_millis: 33_000, ..LaneSpec::concurrent(13) };
    for language in Language::ALL {
        let text = text(language, &spec);
        for number in ["13", "7", "33"] {
            assert!(text.contains(number), "{number} is missing in {}:\n{text}", language.name());
        }
    }
}

#[test]
fn every_moment_has_a_line_where_there_are_retries() {
    for language in Language::ALL {
        let lines = sketch(language, &LaneSpec::default().validate().expect("sound"), 1);
        for step in [Step::Queue, Step::Call, Step::BackOff, Step::Answer, Step::GiveUp] {
            assert!(lines.iter().any(|line| line.step == Some(step)), "{step:?} in {}", language.name());
        }
    }
}

#[test]
fn every_gate_is_made_and_passed_in_every_language() {
    let spec = LaneSpec {
        window: Some(Window { requests: 19, window_millis: 23_000 }),
        breaker: Some(Breaker::default()),
        ..bucket()
    };
    for language in Language::ALL {
        let text = text(language, &spec);
        for word in ["17", "1.5", "19", "23", "requests.", "window.", "breaker."] {
            assert!(text.contains(word), "{word} is missing in {}:\n{text}", language.name());
        }
    }
}

#[test]
fn a_sequential_lane_has_no_semaphore() {
    for language in Language::ALL {
        assert!(!text(language, &LaneSpec::sequential()).to_lowercase().contains("semaphore"));
    }
}

#[test]
fn a_sketch_is_at_most_a_screen() {
    for language in Language::ALL {
        assert!(sketch(language, &LaneSpec::default().validate().expect("sound"), 1).len() <= 30);
    }
}

#[test]
fn the_gates_stand_in_the_order_of_the_lane() {
    says(
        &bucket(),
        [
            &["async with semaphore", "requests.acquire()"],
            &["semaphore.acquire()", "requests.acquire()"],
            &["semaphore.acquire()", "requests.acquire()"],
        ],
    );
    for permit in [PermitScope::Step, PermitScope::Attempt] {
        let late = LaneSpec { rates_first: true, permit, ..bucket() };
        let passed = "requests.acquire()";
        says(
            &late,
            [
                &[passed, "before the slot", "async with semaphore"],
                &[passed, "before the slot", "semaphore.acquire()"],
                &[passed, "before the slot", "semaphore.acquire()"],
            ],
        );
    }
    // A retry passes the rates with the slot in its hand.
    let late = LaneSpec { rates_first: true, ..bucket() };
    says(&late, [&["if k > 0:"], &["if (k > 0)"], &["if k > 0 {"]]);
}

#[test]
fn a_worker_pool_has_workers_and_a_queue() {
    let pool = LaneSpec { strategy: StrategySpec::WorkerPool, queue: 41, ..LaneSpec::concurrent(23) };
    says(
        &pool,
        [
            &["asyncio.Queue(maxsize=41)", "async def worker", "range(23)", "queue.put"],
            &["41", "async function worker", "length: 23"],
            &["mpsc::channel(41)", "let worker", "0..23"],
        ],
    );
    let given_back = LaneSpec { permit: PermitScope::Attempt, ..pool };
    says(
        &given_back,
        [
            &["Semaphore(23)", "Workers with a queue can't"],
            &["Semaphore(23)", "Workers with a queue can't"],
            &["Semaphore::new(23)", "Workers with a queue can't"],
        ],
    );
}

#[test]
fn answers_as_completed_are_handed_over_one_by_one() {
    let each = LaneSpec { strategy: StrategySpec::AsCompleted, ..LaneSpec::default() };
    says(
        &each,
        [
            &["asyncio.as_completed", "except Refused"],
            &["no as_completed here", "Promise.race"],
            &["FuturesUnordered", "asked.next().await"],
        ],
    );
    let raises = LaneSpec { on_failure: OnFailure::Raise, ..each };
    says(&raises, [&["the others run on"], &["the others run on"], &["as tasks they run on", "spawn"]]);
}

#[test]
fn a_task_group_gives_the_others_up() {
    let group = LaneSpec { on_failure: OnFailure::CancelOthers, ..LaneSpec::default() };
    says(
        &group,
        [
            &["asyncio.TaskGroup"],
            &["AbortController", "throwIfAborted", "signal: abort.signal", "abort.abort()"],
            &["JoinSet", "abort_all"],
        ],
    );
}

#[test]
fn what_raises_lets_the_others_run_on() {
    let raises = LaneSpec { on_failure: OnFailure::Raise, ..LaneSpec::default() };
    says(
        &raises,
        [
            &["the others run on", "asyncio.gather("],
            &["the others run on", "Promise.all("],
            &["try_join_all drops the others", "try_join_all(", "spawn"],
        ],
    );
    assert!(!text(Language::Python, &raises).contains("return_exceptions=True"));
}

#[test]
fn a_chain_is_a_loop_with_the_semaphore_where_the_lane_has_it() {
    let whole = LaneSpec { permit: PermitScope::Item, ..LaneSpec::default() };
    says_of_steps(
        &whole,
        3,
        [
            &["def chain", "async with semaphore", "for instruction in steps"],
            &["function chain", "semaphore.acquire()", "of steps"],
            &["let chain", "semaphore.acquire()", "for instruction in steps"],
        ],
    );
    says_of_steps(
        &LaneSpec::default(),
        3,
        [
            &["def ask", "async with semaphore", "def chain", "for instruction in steps"],
            &["function ask", "semaphore.acquire()", "function chain", "of steps"],
            &["let ask", "semaphore.acquire()", "let chain", "for instruction in steps"],
        ],
    );
    for language in Language::ALL {
        assert!(!text_of(language, &LaneSpec::default(), 1).contains("chain"));
        assert!(text_of(language, &whole, 3).contains("the 3 steps"));
    }
}

#[test]
fn a_copy_of_a_slow_call_races_with_it() {
    let hedged = LaneSpec { hedge: Some(Hedge::AfterMillis(11_000)), ..LaneSpec::default() };
    says(
        &hedged,
        [
            &["def first_success", "def hedged", "timeout=11", "first_success([first", "await hedged("],
            &["function hedged", "sleep(11)", "Promise.any([first", "await hedged("],
            &["let hedged", "11_f64", "select_ok(both)", "hedged(prompt).await"],
        ],
    );
    let by_percentile = LaneSpec { hedge: Some(Hedge::Percentile(93)), ..LaneSpec::default() };
    says(&by_percentile, [&["percentile(93)"], &["percentile(93)"], &["percentile(93)"]]);
    // A copy passes the gates of rate as well.
    let with_rates = LaneSpec { request_bucket: bucket().request_bucket, ..hedged };
    says(
        &with_rates,
        [
            &["def copy", "requests.acquire()", "def hedged", "copy("],
            &["function copy", "requests.acquire()", "function hedged", "copy("],
            &["let copy", "requests.acquire()", "let hedged", "copy("],
        ],
    );
}

#[test]
fn other_models_are_asked_as_the_rule_has_it() {
    let other = Fallback { models: vec!["second".into(), "third".into()], ..Fallback::default() };
    let lane = |rule, at_once, text: Option<&str>| LaneSpec {
        fallback: Some(Fallback { rule, at_once, text: text.map(Into::into), ..other.clone() }),
        ..LaneSpec::default()
    };
    let in_order = lane(FallbackRule::InOrder, false, Some("Ask \"later\"."));
    says(
        &in_order,
        [
            &["def fallback", "async with semaphore", r#"[MODEL, "second", "third"]"#, r#"return "Ask \"later\".""#],
            &[
                "function fallback",
                "semaphore.acquire()",
                r#"[MODEL, "second", "third"]"#,
                r#"return "Ask \"later\".""#,
            ],
            &["let fallback", "semaphore.acquire()", r#"["second", "third"]"#, r#""Ask \"later\"."#],
        ],
    );
    says(
        &lane(FallbackRule::FirstSuccess, true, None),
        [
            &["first_success(ask(prompt, model)", "MODEL"],
            &["firstSuccess([MODEL", "signal"],
            &["[MODEL", "select_ok(asked)"],
        ],
    );
    says(
        &lane(FallbackRule::FirstFinished, false, None),
        [
            &["return await ask(prompt, MODEL)", "first_to_end(", r#"["second""#],
            &["return await ask(prompt, MODEL)", r#"firstToEnd(["second""#],
            &["ask(prompt, MODEL)", "select_all(asked)"],
        ],
    );
}

#[test]
fn a_line_of_another_order_and_a_limit_that_learns_are_not_the_languages_own() {
    let ageing_millis = Some(12_000);
    let ranked = LaneSpec { order: OrderSpec::Priority { ageing_millis }, ..LaneSpec::default() };
    says(
        &ranked,
        [&["PrioritySemaphore(4, ageing=12)"], &["PrioritySemaphore(4, 12)"], &["PrioritySemaphore::new(4, 12)"]],
    );
    let learns = LaneSpec { adaptive_limit: Some(AdaptiveLimit::default()), ..LaneSpec::default() };
    says(
        &learns,
        [
            &["AdaptiveLimit(start=4, floor=1, ceiling=100)"],
            &["AdaptiveLimit(4, 1, 100)"],
            &["AdaptiveLimit::new(4, 1, 100)"],
        ],
    );
    let four = LaneSpec { processes: 4, ..LaneSpec::default() };
    says(&four, [&["One of 4 processes"], &["One of 4 processes"], &["One of 4 processes"]]);
}

#[test]
fn no_hole_is_left_and_what_is_opened_is_closed() {
    for preset in LANE_PRESETS {
        for (language, steps) in Language::ALL.into_iter().flat_map(|language| [(language, 1), (language, 3)]) {
            let text = text_of(language, &preset.lane(), steps);
            let holes = text.split('$').skip(1).filter(|after| after.starts_with(|c: char| c.is_ascii_lowercase()));
            assert_eq!(holes.count(), 0, "{} in {}:\n{text}", preset.name, language.name());
            assert!(text.contains("prompts"), "{} in {} asks for nothing:\n{text}", preset.name, language.name());
            for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
                let count = |c: char| text.matches(c).count();
                assert_eq!(count(open), count(close), "{} in {}:\n{text}", preset.name, language.name());
            }
        }
    }
}
