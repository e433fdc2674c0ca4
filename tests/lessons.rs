//! Every lesson: what it claims holds under many seeds, what it asks has an answer, and what it tells is there.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::experiment::script::Dialect;
use lanescope::experiment::share::{LONGEST, decode, encode};
use lanescope::experiment::workload::Workload;
use lanescope::lab::simulate;
use lanescope::lesson::prediction::{Guess, Miss, Prediction};
use lanescope::lesson::ran::Ran;
use lanescope::lesson::words::Words;
use lanescope::lesson::{self, Lesson};
use lanescope::time::Instant;
use lanescope::trace::StopReason;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const SEEDS: u64 = 50;

/// The course, in order.
const COURSE: [&str; 43] = [
    "breakfast",
    "never-awaited",
    "await-in-a-row",
    "one-thread",
    "tasks",
    "forgotten-task",
    "gather-or-as-completed",
    "wait-first",
    "one-fails",
    "blocked-loop",
    "deadlock",
    "first-call",
    "five-in-a-loop",
    "many-users",
    "models-side-by-side",
    "fallback",
    "one-client",
    "chain",
    "who-holds-the-slot",
    "hitting-the-wall",
    "semaphore",
    "token-bucket",
    "sliding-window",
    "bucket-too-big",
    "two-budgets",
    "in-flight-is-not-rate",
    "give-up-or-back-off",
    "herd",
    "it-told-you",
    "per-day",
    "adaptive",
    "circuit-breaker",
    "three-layers",
    "priorities",
    "fair-share",
    "semaphore-scope",
    "worker-pool",
    "thousand-prompts",
    "fifty-thousand",
    "dead-letters",
    "drain",
    "hedging",
    "capstone",
];

/// The cards, in order.
const CARDS: [&str; 8] = [
    "card-within-sixty",
    "card-thirty-seconds",
    "card-aimd",
    "card-window-bursts",
    "card-gather-cancels",
    "card-ten-users",
    "card-bucket-of-500",
    "card-first-completed",
];

/// All lessons and cards; `LESSON=name` chooses one.
fn lessons() -> impl Iterator<Item = &'static Lesson> {
    let only = std::env::var("LESSON").ok();
    let all = lesson::all().chain(lesson::CARDS);
    all.filter(move |lesson| only.as_deref().is_none_or(|only| only == lesson.id))
}

fn ran(lesson: &Lesson, seed: Option<u64>) -> Ran {
    let mut experiment = (lesson.experiment)();
    experiment.seed = seed.unwrap_or(experiment.seed);
    Ran::new(simulate(&experiment).unwrap_or_else(|error| panic!("{}: {error}", lesson.id)))
}

/// A run of the lesson; of a script one for each language, since the page lets the learner choose.
fn runs(lesson: &Lesson) -> Vec<(String, Ran)> {
    let all = Dialect::ALL.into_iter().map(Some);
    let dialects: Vec<Option<Dialect>> =
        if (lesson.experiment)().workload.script().is_some() { all.collect() } else { vec![None] };
    let run = |dialect: Option<Dialect>| {
        let mut experiment = (lesson.experiment)();
        if let (Workload::Script(script), Some(dialect)) = (&mut experiment.workload, dialect) {
            script.dialect = dialect;
        }
        let name = dialect.map_or(String::new(), |dialect| format!(" under {dialect:?}"));
        let trace = simulate(&experiment).unwrap_or_else(|error| panic!("{}{name}: {error}", lesson.id));
        (format!("{}{name}", lesson.id), Ran::new(trace))
    };
    dialects.into_iter().map(run).collect()
}

fn words(lesson: &Lesson) -> Words {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "words/en/lessons", &format!("{}.md", lesson.id)].iter().collect();
    Words::read(&fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

/// What ends in a full stop or a question mark before a space, or at the end.
fn sentences(text: &str) -> usize {
    let ends = |word: &&str| word.ends_with(['.', '?']);
    text.split_ascii_whitespace().filter(ends).count()
}

#[test]
fn the_course_is_whole_and_in_order() {
    let ids: Vec<&str> = lesson::all().map(|lesson| lesson.id).collect();
    assert_eq!(ids, COURSE);
}

#[test]
fn the_cards_are_all_there_and_each_asks_whether_a_sentence_is_true() {
    let ids: Vec<&str> = lesson::CARDS.iter().map(|card| card.id).collect();
    assert_eq!(ids, CARDS);
    for card in lesson::CARDS {
        assert!(matches!(card.prediction, Prediction::Truth { .. }), "{}", card.id);
        assert_eq!(lesson::find(card.id).map(|found| found.title), Some(card.title));
        let question = words(card).question;
        assert!(question.starts_with('"') && question.ends_with("True or false?"), "{}: {question}", card.id);
    }
    assert!(lesson::all().all(|lesson| !matches!(lesson.prediction, Prediction::Truth { .. })), "only cards ask so");
}

#[test]
fn every_lesson_has_a_name_and_a_title_of_its_own() {
    let count = lesson::all().chain(lesson::CARDS).count();
    let ids: BTreeSet<&str> = lesson::all().chain(lesson::CARDS).map(|lesson| lesson.id).collect();
    let titles: BTreeSet<&str> = lesson::all().chain(lesson::CARDS).map(|lesson| lesson.title).collect();
    assert_eq!((ids.len(), titles.len()), (count, count));
    for id in ids {
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{id}");
    }
}

#[test]
fn what_a_lesson_runs_fits_a_link_and_has_lanes_that_can_be_told_apart() {
    for lesson in lessons() {
        let experiment = (lesson.experiment)();
        let link = encode(&experiment).unwrap_or_else(|error| panic!("{}: {error}", lesson.id));
        assert!(link.len() <= LONGEST, "{} takes {}", lesson.id, link.len());
        assert_eq!(decode(&link).as_ref(), Ok(&experiment), "{}", lesson.id);
        let names: BTreeSet<&str> = experiment.lanes.iter().map(|lane| &*lane.name).collect();
        assert!(names.len() == experiment.lanes.len() && !names.contains(""), "{}: {names:?}", lesson.id);
    }
}

#[test]
fn only_the_lesson_of_the_deadlock_never_ends() {
    for lesson in lessons() {
        for (name, ran) in runs(lesson) {
            let stopped: Vec<_> = ran.trace.lanes.iter().map(|lane| lane.stopped().expect("it stopped")).collect();
            assert_eq!(stopped.contains(&StopReason::Stalled), lesson.id == "deadlock", "{name}: {stopped:?}");
        }
    }
}

#[test]
fn what_a_lesson_claims_holds_under_every_seed() {
    // Some runs are long: the even seeds on one thread, the odd ones on another.
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || {
                for lesson in lessons() {
                    for seed in (1..=SEEDS).filter(|seed| seed % 2 == half) {
                        assert!((lesson.claim)(&ran(lesson, Some(seed))), "{} under seed {seed}", lesson.id);
                    }
                }
            });
        }
    });
    for lesson in lessons() {
        for (name, ran) in runs(lesson) {
            assert!((lesson.claim)(&ran), "{name} with its own seed");
        }
    }
}

#[test]
fn what_a_lesson_claims_could_fail() {
    // Of a run that is not the lesson's, it does not hold.
    let other = Ran::new(simulate(&lanescope::experiment::preset::race()).expect("sound"));
    for lesson in lessons() {
        assert!(!(lesson.claim)(&other), "{}", lesson.id);
    }
}

#[test]
fn what_a_lesson_asks_has_an_answer_that_its_form_can_give() {
    for lesson in lessons() {
        let ran = ran(lesson, None);
        let answer = lesson.prediction.answer(&ran);
        assert!(lesson.prediction.is_right(&answer, &ran), "{}: {answer:?}", lesson.id);
        assert!(lesson.prediction.misses(&answer, &ran).is_empty(), "{}", lesson.id);
        match (lesson.prediction, answer) {
            (Prediction::Finish { axis_secs, .. }, Guess::At(at)) => {
                let share = at.as_secs() / f64::from(axis_secs);
                assert!((0.1..=0.9).contains(&share), "{}: the axis tells the answer, {share}", lesson.id);
            }
            (Prediction::Order { items, .. }, Guess::Order(order)) => {
                assert!(order.len() == items.len() && (2..=8).contains(&items.len()), "{}: {order:?}", lesson.id);
                assert!(!order.is_sorted(), "{}: the order of asking is no question", lesson.id);
            }
            (Prediction::Refused { most, .. }, Guess::Count(count)) => assert!(count <= most, "{}", lesson.id),
            (Prediction::Wins(_) | Prediction::Limit, Guess::Lane(_)) => {
                assert!(ran.lanes.len() > 1, "{}", lesson.id);
                let right = (0..ran.lanes.len()).filter(|&lane| lesson.prediction.is_right(&Guess::Lane(lane), &ran));
                assert!(right.count() < ran.lanes.len(), "{}: every lane is right", lesson.id);
            }
            (Prediction::Truth { lane }, Guess::Truth(false)) => {
                let misses = lesson.prediction.misses(&Guess::Truth(true), &ran);
                let end = ran.lanes[lane].fold.latest;
                let expected = Miss { lane, item: None, said: Instant::ZERO, was: end };
                assert!(misses == [expected] && end > Instant::ZERO, "{}: {misses:?}", lesson.id);
            }
            (prediction, answer) => panic!("{}: {prediction:?} is answered by {answer:?}", lesson.id),
        }
    }
}

#[test]
fn every_beat_happens() {
    for lesson in lessons() {
        for (name, ran) in runs(lesson) {
            for beat in lesson.beats {
                assert!(beat.at.find(&ran).is_some(), "{name}: {:?} does not happen", beat.at);
                for &(lane, item) in beat.lit {
                    assert!(ran.rows(lane).len() > item as usize, "{name}: there is no {lane}/{item}");
                }
            }
        }
    }
}

#[test]
fn every_lesson_tells_all_that_it_has_to() {
    for lesson in lessons() {
        let words = words(lesson);
        let id = lesson.id;
        assert!((2..=5).contains(&sentences(&words.about)), "{id}: {} sentences", sentences(&words.about));
        for (name, text) in [
            ("watch", &words.watch),
            ("claim", &words.claim),
            ("question", &words.question),
            ("now you", &words.now_you),
        ] {
            assert!(!text.is_empty() && text.len() <= 320, "{id}: {name} has {} bytes", text.len());
        }
        assert!(words.question.ends_with('?') || words.question.ends_with('.'), "{id}");
        assert_eq!(words.beats.len(), lesson.beats.len(), "{id}: beats");
        assert!((2..=5).contains(&words.beats.len()), "{id}: {} beats", words.beats.len());
        assert!((2..=3).contains(&lesson.knobs.len()), "{id}: {} knobs", lesson.knobs.len());
        assert!(lesson.title.chars().count() <= 40 && !lesson.title.ends_with('.'), "{id}");
        let told = [&words.about, &words.watch, &words.claim, &words.question, &words.now_you];
        assert!(told.into_iter().chain(&words.beats).all(|text| !text.contains('!')), "{id}");
    }
}
