//! What a program must say of a lane, in every language.

use super::*;
use crate::experiment::lane_preset::LANE_PRESETS;
use crate::experiment::limits::{Adaptive, AdaptiveLimit, Breaker, Hedge, RequestBucket, TokenBudget, Window};
use crate::experiment::workload::Arrivals;
use crate::experiment::{
    Experiment, Fallback, FallbackRule, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec,
};
use std::collections::BTreeSet;
use std::rc::Rc;

fn made_of(language: Language, spec: &LaneSpec, calls: &Calls) -> Program {
    program(language, language.template(), &spec.validate().expect("sound"), calls)
}

fn text_of(language: Language, spec: &LaneSpec, calls: &Calls) -> String {
    made_of(language, spec, calls).text()
}

fn text(language: Language, spec: &LaneSpec) -> String {
    text_of(language, spec, &Calls::default())
}

fn chain() -> Calls {
    let steps = ["Research.", "Write.", "Edit."].map(Into::into).to_vec();
    Calls { steps, ..Calls::default() }
}

/// Each language's program says its own words, in their order.
#[track_caller]
fn says_of(spec: &LaneSpec, calls: &Calls, words: [&[&str]; 3]) {
    for (language, words) in Language::ALL.into_iter().zip(words) {
        let text = text_of(language, spec, calls);
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
    says_of(spec, &Calls::default(), words);
}

fn bucket() -> LaneSpec {
    LaneSpec { request_bucket: Some(RequestBucket { capacity: 17, per_minute: 90 }), ..LaneSpec::concurrent(4) }
}

/// Every lane preset, with single calls and with chains, and every lane of the course.
fn lanes() -> Vec<(String, LaneSpec, Calls)> {
    let presets = LANE_PRESETS
        .iter()
        .flat_map(|preset| [Calls::default(), chain()].map(|calls| (preset.name.to_owned(), preset.lane(), calls)));
    let course = crate::lesson::all().flat_map(|lesson| {
        let Experiment { workload, lanes, .. } = (lesson.experiment)();
        let of_calls = workload.calls().cloned().map(|calls| {
            lanes.into_iter().map(move |lane| (format!("{}, {}", lesson.id, lane.name), lane, calls.clone()))
        });
        of_calls.into_iter().flatten()
    });
    presets.chain(course).collect()
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
        let lines = made_of(language, &LaneSpec::default(), &Calls::default()).lines;
        for step in [Step::Queue, Step::Call, Step::BackOff, Step::Answer, Step::GiveUp] {
            assert!(lines.iter().any(|line| line.step == Some(step)), "{step:?} in {}", language.name());
        }
        let answers = lines.iter().filter(|line| line.step == Some(Step::Answer)).count();
        assert_eq!(answers, 1, "{}", language.name());
    }
}

#[test]
fn a_program_of_a_plain_lane_is_short() {
    let is_code = |line: &&Line, language: Language| {
        let text = line.text.trim_start();
        !text.is_empty() && !text.starts_with(language.remark().trim_end())
    };
    // Rust has no patterns for text and no events of a stream in its library: it takes nearly two screens.
    for spec in [LaneSpec::sequential(), LaneSpec::default()] {
        for (language, most) in Language::ALL.into_iter().zip([60, 60, 110]) {
            let program = made_of(language, &spec, &Calls::default());
            let count = program.lines.iter().filter(|line| is_code(line, language)).count();
            assert!(count <= most, "{count} lines in {}:\n{}", language.name(), program.text());
        }
    }
}

#[test]
fn every_gate_is_made_and_passed_in_every_language() {
    let spec = LaneSpec {
        window: Some(Window { requests: 19, window_millis: 23_000 }),
        breaker: Some(Breaker { failures: 6, ..Breaker::default() }),
        adaptive: Some(Adaptive { start: 2.0, ceiling: 77.0, ..Adaptive::default() }),
        token_budget: Some(TokenBudget { capacity: 9_000, per_minute: 9_000, estimate: 321 }),
        ..bucket()
    };
    for language in Language::ALL {
        let text = text(language, &spec);
        for word in ["17", "1.5", "19", "23", "0.1", "77", "9000", "150", "321", "30", "6"] {
            assert!(text.contains(word), "{word} is missing in {}:\n{text}", language.name());
        }
        for gate in ["requests", "tokens", "window", "pace", "breaker"] {
            assert!(text.to_lowercase().contains(&format!("{gate}.")), "{gate} in {}:\n{text}", language.name());
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
fn the_gates_stand_in_the_order_of_the_lane() {
    for permit in [PermitScope::Step, PermitScope::Attempt] {
        says(
            &LaneSpec { permit, ..bucket() },
            [
                &["def ask", "async with semaphore", "await pass_gates()"],
                &["function ask", "semaphore.acquire()", "await passGates()"],
                &["fn ask", "SEMAPHORE.acquire()", "pass_gates().await"],
            ],
        );
        says(
            &LaneSpec { rates_first: true, permit, ..bucket() },
            [
                &["def ask", "await pass_gates()", "before the slot", "async with semaphore"],
                &["function ask", "await passGates()", "before the slot", "semaphore.acquire()"],
                &["fn ask", "pass_gates().await", "before the slot", "SEMAPHORE.acquire()"],
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
            &["asyncio.Queue(maxsize=41)", "async def worker", "queue.put", "range(23)"],
            &["41", "async function worker", "length: 23"],
            &["mpsc::channel(41)", "0..23"],
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
    for language in Language::ALL {
        let remarks = made_of(language, &given_back, &Calls::default()).remarks;
        assert!(remarks.iter().any(|remark| remark.starts_with("Workers with a queue")), "{remarks:?}");
    }
}

#[test]
fn items_that_come_at_random_are_remarked_on_once() {
    let calls = Calls { every_millis: 300, arrivals: Arrivals::Poisson, ..Calls::default() };
    let lanes = [
        LaneSpec::default(),
        LaneSpec { strategy: StrategySpec::WorkerPool, permit: PermitScope::Item, ..LaneSpec::concurrent(2) },
    ];
    for (language, lane) in
        Language::ALL.into_iter().flat_map(|language| lanes.iter().map(move |lane| (language, lane)))
    {
        let said = |calls: &Calls| made_of(language, lane, calls).remarks;
        let at_random = said(&calls);
        assert_eq!(
            at_random.iter().filter(|remark| remark.starts_with("Items come at random")).count(),
            1,
            "{at_random:?}"
        );
        assert!(
            said(&Calls { arrivals: Arrivals::Even, ..calls.clone() }).iter().all(|remark| !remark.contains("random"))
        );
    }
}

#[test]
fn answers_as_completed_are_handed_over_one_by_one() {
    let each = LaneSpec { strategy: StrategySpec::AsCompleted, ..LaneSpec::default() };
    says(
        &each,
        [
            &["asyncio.as_completed", "except (Failed"],
            &["no as_completed here", "Promise.race"],
            &["join_next", "println!"],
        ],
    );
    let raises = LaneSpec { on_failure: OnFailure::Raise, ..each };
    says(&raises, [&["the others run on"], &["the others run on"], &["hears of the first failure alone"]]);
}

#[test]
fn a_task_group_gives_the_others_up() {
    let group = LaneSpec { on_failure: OnFailure::CancelOthers, ..LaneSpec::default() };
    says(
        &group,
        [&["asyncio.TaskGroup"], &["AbortController", "throwIfAborted", "stop.abort(e)"], &["JoinSet", "abort_all"]],
    );
}

#[test]
fn what_raises_lets_the_others_run_on() {
    let raises = LaneSpec { on_failure: OnFailure::Raise, ..LaneSpec::default() };
    says(
        &raises,
        [
            &["asyncio.gather(", "the others run on"],
            &["the others run on", "Promise.all("],
            &["try_join_all would drop the others", "hears of the first failure alone"],
        ],
    );
    assert!(!text(Language::Python, &raises).contains("return_exceptions=True"));
}

#[test]
fn what_no_call_can_escape_ends_them_all() {
    says(
        &LaneSpec::default(),
        [&["e.fatal", "stop()"], &["e.fatal", "stop.abort(e)"], &["e.fatal", "set.abort_all()"]],
    );
    says(&LaneSpec::sequential(), [&["e.fatal", "break"], &["e.fatal", "stop.abort(e)"], &["e.fatal", "break"]]);
}

#[test]
fn the_rest_is_given_up_so_long_after_the_first() {
    let after = LaneSpec { after_first_millis: Some(5_500), ..LaneSpec::default() };
    says(&after, [&["first_end", "asyncio.sleep(5.5)"], &["1000 * 5.5"], &["Duration::from_millis(5500)"]]);
}

#[test]
fn a_chain_is_a_loop_with_the_semaphore_where_the_lane_has_it() {
    let whole = LaneSpec { permit: PermitScope::Item, ..LaneSpec::default() };
    says_of(
        &whole,
        &chain(),
        [
            &["\"Write.\"", "def chain(prompt)", "async with semaphore", "for instruction in STEPS"],
            &["\"Write.\"", "function chain", "semaphore.acquire()", "of STEPS"],
            &["\"Write.\"", "fn chain", "SEMAPHORE.acquire()", "for instruction in STEPS"],
        ],
    );
    says_of(
        &LaneSpec::default(),
        &chain(),
        [
            &["def ask", "async with semaphore", "def chain", "for instruction in STEPS"],
            &["function ask", "semaphore.acquire()", "function chain", "of STEPS"],
            &["fn ask", "SEMAPHORE.acquire()", "fn chain", "for instruction in STEPS"],
        ],
    );
    for language in Language::ALL {
        assert!(!text(language, &LaneSpec::default()).contains("chain"));
        assert!(text_of(language, &whole, &chain()).contains("the 3 steps"));
    }
}

#[test]
fn a_copy_of_a_slow_call_races_with_it() {
    let hedged = LaneSpec { hedge: Some(Hedge::AfterMillis(11_000)), ..LaneSpec::default() };
    says(
        &hedged,
        [
            &["def first_success", "def hedged", "timeout=11", "first_success([first", "await hedged("],
            &["function hedged", "sleep(1000 * 11)", "Promise.any([first", "await hedged("],
            &["fn hedged", "from_secs(11)", "select_ok([first", "hedged(prompt).await"],
        ],
    );
    let by_percentile = LaneSpec { hedge: Some(Hedge::Percentile(93)), ..LaneSpec::default() };
    says(
        &by_percentile,
        [
            &["percentile(93)", "durations.add("],
            &["percentile(93)", "durations.add("],
            &["percentile(93)", "durations.push("],
        ],
    );
    // A copy passes the gates of rate as well.
    let with_rates = LaneSpec { request_bucket: bucket().request_bucket, ..hedged };
    says(
        &with_rates,
        [
            &["def copy", "pass_gates()", "def hedged", "copy("],
            &["function copy", "passGates()", "function hedged", "copy("],
            &["fn copy", "pass_gates()", "fn hedged", "copy("],
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
    says(
        &lane(FallbackRule::InOrder, false, Some("Ask \"later\".")),
        [
            &["def fallback", "async with semaphore", r#"[MODEL, "second", "third"]"#, r#"return "Ask \"later\".""#],
            &[
                "function fallback",
                "semaphore.acquire()",
                r#"[MODEL, "second", "third"]"#,
                r#"return "Ask \"later\".""#,
            ],
            &["fn fallback", "SEMAPHORE.acquire()", r#"["second", "third"]"#, r#""Ask \"later\"."#],
        ],
    );
    says(
        &lane(FallbackRule::FirstSuccess, true, None),
        [
            &["first_success(ask(prompt, model)", "MODEL"],
            &["Promise.any(", "firstOf([MODEL"],
            &["[MODEL", "select_ok(asked)"],
        ],
    );
    says(
        &lane(FallbackRule::FirstFinished, false, None),
        [
            &["return await ask(prompt, MODEL)", "first_to_end(", r#"["second""#],
            &["Promise.race(", "return await ask(prompt, MODEL, signal)", r#"firstOf(["second""#],
            &["ask(prompt, MODEL)", "select_all(asked)"],
        ],
    );
}

#[test]
fn models_side_by_side_are_all_asked() {
    let calls = Calls { models: vec!["one".into(), "two".into()], ..Calls::default() };
    says_of(
        &LaneSpec::default(),
        &calls,
        [&[r#"MODELS = ["one", "two"]"#, "MODELS[i % 2]"], &["MODELS[i % 2]"], &[r#"["one", "two"]"#, "MODELS[i % 2]"]],
    );
}

#[test]
fn many_prompts_are_a_file_and_the_program_says_so() {
    let prompts = (0..30).map(|n| Rc::from(format!("Prompt {n}?"))).collect();
    let calls = Calls { prompts, requests: 30, ..Calls::default() };
    for language in Language::ALL {
        let program = made_of(language, &LaneSpec::default(), &calls);
        assert!(program.text().contains("prompts.json") && !program.text().contains("Prompt 7?"));
        assert!(program.remarks.iter().any(|remark| remark.contains("prompts.json")), "{:?}", program.remarks);
    }
}

#[test]
fn a_line_of_another_order_and_a_limit_that_learns_are_not_the_languages_own() {
    let ranked = LaneSpec { order: OrderSpec::Priority { ageing_millis: Some(12_000) }, ..LaneSpec::default() };
    says(&ranked, [&["// 12)", "Slots(4)"], &["/ 12)", "new Slots(4)"], &["Slots::new(4.0)", "from_secs(12)"]]);
    let learns = LaneSpec { adaptive_limit: Some(AdaptiveLimit::default()), ..LaneSpec::default() };
    says(
        &learns,
        [
            &["min(100, max(1,", "Slots(4)"],
            &["Math.min(100, Math.max(1,", "new Slots(4)"],
            &["Slots::new(4.0)", "clamp(1.0, 100.0)"],
        ],
    );
    let four = LaneSpec { processes: 4, ..LaneSpec::default() };
    says(&four, [&["4 processes", "semaphores[i % 4]"], &["4 processes", "semaphores[i % 4]"], &["SEMAPHORES[i % 4]"]]);
}

#[test]
fn a_key_is_never_in_a_program_and_the_server_can_be_another() {
    for language in Language::ALL {
        assert!(text(language, &LaneSpec::default()).contains("GEMINI_API_KEY"));
    }
    for language in [Language::JavaScript, Language::Rust] {
        assert!(text(language, &LaneSpec::default()).contains("GOOGLE_GEMINI_BASE_URL"));
    }
}

#[test]
fn no_hole_is_left_and_what_is_opened_is_closed() {
    for (name, spec, calls) in lanes() {
        for language in Language::ALL {
            let text = text_of(language, &spec, &calls);
            let holes = text.split('$').skip(1).filter(|after| after.starts_with(|c: char| c.is_ascii_lowercase()));
            assert_eq!(holes.count(), 0, "{name} in {}:\n{text}", language.name());
            assert!(text.contains("PROMPTS"), "{name} in {} asks for nothing:\n{text}", language.name());
            // What stands in the patterns for the server's words is not code.
            let code: String =
                text.lines().filter(|line| !line.contains("PerDay") && !line.contains("retryDelay")).collect();
            for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
                let count = |c: char| code.matches(c).count();
                assert_eq!(count(open), count(close), "{name} in {}:\n{text}", language.name());
            }
        }
    }
}

/// Words that begin with a capital letter and go on in small ones: how all three languages name their classes.
fn classes(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let is_class = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.chars().any(|c| c.is_ascii_lowercase())
    };
    words.filter(is_class).collect()
}

#[test]
fn no_class_is_used_that_is_not_made() {
    let own =
        ["TokenBucket", "SlidingWindow", "AdaptiveRate", "CircuitBreaker", "Slots", "RetryBudget", "Latest", "Failed"];
    for (name, spec, calls) in lanes() {
        for language in Language::ALL {
            let text = text_of(language, &spec, &calls);
            let keyword = if language == Language::Rust { "struct" } else { "class" };
            for class in classes(&text).intersection(&own.into()) {
                let is_made = text.contains(&format!("{keyword} {class}"));
                assert!(is_made, "{class} of {name} in {}:\n{text}", language.name());
            }
        }
    }
}
