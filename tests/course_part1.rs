//! What the rows of part 1 claim: small programs without a network, under the rules of each language.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]
#![allow(clippy::float_cmp, reason = "virtual time is exact, in whole microseconds")]

#[path = "common/course.rs"]
mod course;

use course::row;
use lanescope::experiment::Experiment;
use lanescope::experiment::script::Dialect::{self, Asyncio, Promises, TokioManyThreads, TokioOneThread};
use lanescope::experiment::workload::Workload;
use lanescope::lab::simulate;
use lanescope::scene::track::{Of, tracks};
use lanescope::time::Instant;
use lanescope::trace::finding::{About, findings};
use lanescope::trace::span::{Cause, Fold, Phase, Row};
use lanescope::trace::stall::{Stuck, holders};
use lanescope::trace::{LaneTrace, Outcome, StopReason};

/// A lane that is over.
struct Ran {
    lane: LaneTrace,
    fold: Fold,
    findings: Vec<About>,
}

fn under(id: &str, dialect: Dialect) -> Experiment {
    let mut experiment = row(id);
    let Workload::Script(script) = &mut experiment.workload else { panic!("{id} is a script") };
    script.dialect = dialect;
    experiment
}

/// The lanes of a row under the rules of a language.
fn ran<const LANES: usize>(id: &str, dialect: Dialect) -> [Ran; LANES] {
    let experiment = under(id, dialect);
    let plans = experiment.plans().expect("sound");
    let lanes = simulate(&experiment).expect("sound").lanes;
    let ran = lanes.into_iter().zip(&plans).map(|(lane, plan)| {
        let fold = Fold::of(&lane.events);
        let findings = findings(&lane, &fold, plan).into_iter().map(|finding| finding.about).collect();
        Ran { lane, fold, findings }
    });
    ran.collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{id} has other lanes"))
}

impl Ran {
    /// The lines it printed, each with its second.
    fn said(&self) -> Vec<(f64, &str)> {
        self.lane.said().map(|(at, _, line)| (at.as_secs(), line)).collect()
    }

    fn lines(&self) -> Vec<&str> {
        self.lane.said().map(|(_, _, line)| line).collect()
    }

    /// When a line was printed.
    fn when(&self, line: &str) -> f64 {
        let found = self.said().into_iter().find(|&(_, said)| said == line);
        found.unwrap_or_else(|| panic!("{line} is not in {:?}", self.said())).0
    }

    fn end(&self, item: usize) -> f64 {
        self.fold.rows[item].ended.expect("it ended").as_secs()
    }

    fn makespan(&self) -> f64 {
        assert_eq!(self.lane.stopped(), Some(StopReason::Finished));
        self.fold.latest.as_secs()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        self.fold.rows.iter().map(|row| row.outcome.expect("it ended")).collect()
    }

    /// The stretches of a row in one phase.
    fn stretches(&self, item: usize, phase: Phase) -> Vec<(f64, f64)> {
        let spans = self.fold.rows[item].spans.iter().filter(|span| span.phase == phase);
        spans.map(|span| (span.from.as_secs(), span.to.as_secs())).collect()
    }
}

#[test]
fn breakfast_takes_the_sum_in_a_row_and_the_longest_together() {
    for dialect in Dialect::ALL {
        let [in_a_row, together] = ran("breakfast", dialect);
        assert_eq!((in_a_row.makespan(), together.makespan()), (9.0, 4.0), "{dialect:?}");
        let said = [(3.0, "coffee is ready"), (5.0, "toast is ready"), (9.0, "eggs is ready")];
        assert_eq!(in_a_row.said(), said, "{dialect:?}");
        assert_eq!(together.lines(), ["toast is ready", "coffee is ready", "eggs is ready"], "{dialect:?}");
    }
}

#[test]
fn what_is_never_awaited_never_runs_but_in_javascript() {
    for dialect in Dialect::ALL {
        let [left, awaited] = ran("never-awaited", dialect);
        assert_eq!(awaited.when("hello was said"), 1.0);
        let runs = dialect == Promises;
        assert_eq!(left.lines().contains(&"hello was said"), runs, "{dialect:?}");
        assert_eq!(left.fold.rows[1].spans.is_empty(), !runs, "{dialect:?}");
        let found = left.findings.contains(&About::NeverAwaited { calls: 1 });
        assert_eq!(found, !runs, "{dialect:?}");
        assert_eq!(awaited.findings, [], "{dialect:?}");
        let outcome = if runs { Outcome::Answered } else { Outcome::Cancelled };
        assert_eq!(left.outcomes(), [Outcome::Answered, outcome], "{dialect:?}");
    }
}

#[test]
fn awaiting_in_a_row_is_sequential_and_rust_must_spawn() {
    for dialect in Dialect::ALL {
        let [in_a_row, started, gathered, made] = ran("await-in-a-row", dialect);
        assert_eq!([in_a_row.makespan(), started.makespan(), gathered.makespan()], [3.0, 1.0, 1.0], "{dialect:?}");
        let lazy = if dialect == Promises { 1.0 } else { 3.0 };
        assert_eq!(made.makespan(), lazy, "{dialect:?}");
    }
}

#[test]
fn waits_overlap_and_work_does_not() {
    for dialect in Dialect::ALL {
        let [in_a_row, together] = ran("one-thread", dialect);
        assert_eq!((in_a_row.makespan(), together.makespan()), (4.2, 1.8), "{dialect:?}");
        let experiment = under("one-thread", dialect);
        let plan = &experiment.plans().expect("sound")[1];
        let tracks = tracks(&together.fold, &together.lane, plan, None, Instant::NEVER);
        let [track] = &tracks[..] else { panic!("the thread alone: {tracks:?}") };
        assert_eq!((track.of, track.most), (Of::Thread, 1.0), "{dialect:?}");
        let read = |millis: u64| track.value_at(Instant(millis * 1_000));
        assert_eq!([read(100), read(800), read(1_300)], [Some(1.0), Some(0.0), Some(1.0)], "{dialect:?}");
    }
    let [_, together] = ran("one-thread", Asyncio);
    assert_eq!(together.stretches(3, Phase::Queued), [(0.0, 0.4)]);
    assert_eq!(together.stretches(3, Phase::Computing), [(0.4, 0.6), (1.6, 1.8)]);
    assert_eq!(together.stretches(3, Phase::Sleeping), [(0.6, 1.6)]);
    let waited = About::ThreadKept { by: 2, longest: std::time::Duration::from_millis(400), tasks: 2 };
    assert_eq!(together.findings, [waited]);
}

#[test]
fn created_is_not_started_and_finished_is_not_noticed() {
    for dialect in Dialect::ALL {
        let [ran] = ran("tasks", dialect);
        assert_eq!([ran.end(1), ran.end(2)], [2.0, 1.0], "{dialect:?}");
        let lines = ran.lines();
        let place = |line: &str| lines.iter().position(|&said| said == line).expect("it was printed");
        assert_eq!([ran.when("a done: no"), ran.when("b done: no")], [0.0, 0.0]);
        assert_eq!([ran.when("a done: yes"), ran.when("b done: yes")], [2.0, 2.0]);
        assert_eq!(ran.when("main has heard of b"), 2.0);
        // A promise has begun when it is made; a task waits until main does.
        assert_eq!(place("a begins") < place("a done: no"), dialect == Promises, "{dialect:?}");
    }
}

#[test]
fn a_forgotten_task_has_the_fate_that_its_language_gives_it() {
    for dialect in Dialect::ALL {
        let [returns, stays, fails] = ran("forgotten-task", dialect);
        let outcome = returns.outcomes()[1];
        match dialect {
            Asyncio => {
                assert_eq!(returns.lines(), ["main returns", "report begins"]);
                assert_eq!((outcome, returns.end(1)), (Outcome::Cancelled, 0.0));
            }
            Promises => {
                assert_eq!(returns.lines(), ["report begins", "main returns", "report is saved"]);
                assert_eq!((outcome, returns.end(1)), (Outcome::Answered, 1.0));
            }
            TokioOneThread | TokioManyThreads => {
                assert_eq!(returns.lines(), ["main returns"], "{dialect:?}");
                assert_eq!((outcome, returns.end(1)), (Outcome::Cancelled, 0.0), "{dialect:?}");
            }
        }
        assert_eq!(stays.when("report is saved"), 1.0, "{dialect:?}");
        assert_eq!(fails.outcomes(), [Outcome::Answered, Outcome::Failed], "{dialect:?}");
        assert_eq!(fails.end(1), 1.0, "{dialect:?}");
        assert_eq!(fails.lines(), ["report begins", "main returns"], "nobody hears of it under {dialect:?}");
    }
}

#[test]
fn gather_hands_over_in_the_order_of_asking_and_as_completed_as_they_end() {
    for dialect in Dialect::ALL {
        let [gathered, as_completed] = ran("gather-or-as-completed", dialect);
        assert_eq!((gathered.makespan(), as_completed.makespan()), (6.0, 6.0), "{dialect:?}");
        let names = ["one", "two", "three", "four", "five", "six"];
        assert_eq!(gathered.said(), names.map(|name| (6.0, name)), "{dialect:?}");
        let came = [(1.0, "two"), (2.0, "four"), (3.0, "six"), (4.0, "three"), (5.0, "one"), (6.0, "five")];
        assert_eq!(as_completed.said(), came, "{dialect:?}");
    }
}

#[test]
fn the_first_then_a_while_then_no_more() {
    for dialect in Dialect::ALL {
        let [ran] = ran("wait-first", dialect);
        assert_eq!(
            ran.said(),
            [
                (1.0, "short is done"),
                (1.0, "first: short"),
                (2.0, "middle is done"),
                (2.5, "ended: 1"),
                (2.5, "cancelled: long")
            ],
            "{dialect:?}"
        );
        assert_eq!((ran.end(3), ran.outcomes()[3]), (2.5, Outcome::Cancelled), "{dialect:?}");
    }
}

#[test]
fn what_one_failure_does_to_the_rest() {
    use Outcome::{Answered, Cancelled, Failed};
    for dialect in Dialect::ALL {
        let [isolating, raising, group] = ran("one-fails", dialect);
        let results = ["one", "failed: two broke down", "three", "four", "five"];
        assert_eq!(isolating.said(), results.map(|result| (2.5, result)), "{dialect:?}");
        assert_eq!(isolating.outcomes()[1..], [Answered, Failed, Answered, Answered, Answered], "{dialect:?}");

        assert_eq!(raising.said(), [(1.0, "failed: two broke down"), (1.0, "main goes on")], "{dialect:?}");
        if matches!(dialect, Asyncio | Promises) {
            assert_eq!(raising.outcomes()[3..], [Answered; 3], "{dialect:?}");
            assert_eq!([3, 4, 5].map(|item| raising.end(item)), [1.5, 2.0, 2.5], "{dialect:?}");
        } else {
            assert_eq!(raising.outcomes()[3..], [Cancelled; 3], "{dialect:?}");
            assert_eq!([3, 4, 5].map(|item| raising.end(item)), [1.0; 3], "{dialect:?}");
        }

        assert_eq!(group.said(), [(1.0, "failed: two broke down"), (1.0, "main goes on")], "{dialect:?}");
        assert_eq!(group.outcomes()[1..], [Answered, Failed, Cancelled, Cancelled, Cancelled], "{dialect:?}");
        assert_eq!([3, 4, 5].map(|item| group.end(item)), [1.0; 3], "{dialect:?}");
    }
}

#[test]
fn a_thread_that_is_kept_makes_the_others_late() {
    for dialect in Dialect::ALL {
        let [beside, blocking, threads] = ran("blocked-loop", dialect);
        let late = if dialect == TokioManyThreads { 1.0 } else { 2.0 };
        assert_eq!([beside.when("y is awake"), beside.when("z is awake")], [late, 3.0], "{dialect:?}");
        let kept = beside.findings.iter().any(|about| matches!(about, About::ThreadKept { by: 3, tasks: 1, .. }));
        assert_eq!(kept, dialect != TokioManyThreads, "{dialect:?}: {:?}", beside.findings);
        assert_eq!((blocking.makespan(), threads.makespan()), (3.0, 1.0), "{dialect:?}");
    }
    // It slept until it was due, and was ready without the thread until x gave it up.
    let [beside, _, _] = ran("blocked-loop", Asyncio);
    assert_eq!(beside.stretches(1, Phase::Sleeping), [(0.0, 1.0)]);
    assert_eq!(beside.stretches(1, Phase::Queued), [(1.0, 2.0)]);
    let by = |row: &Row| match row.spans.last().expect("spans").cause {
        Cause::Permit { by, .. } => by.map(|tag| tag.item),
        _ => None,
    };
    assert_eq!(by(&beside.fold.rows[1]), Some(3));
}

#[test]
fn a_semaphore_is_not_re_entrant_and_the_run_says_who_waits_for_whom() {
    for dialect in Dialect::ALL {
        let [twice, once] = ran("deadlock", dialect);
        assert_eq!(twice.lane.stopped(), Some(StopReason::Stalled), "{dialect:?}");
        let stuck = [(0, 1), (1, 1), (2, 1)].map(|(item, other)| Stuck { item, waits_for: vec![other] });
        assert_eq!(twice.findings, [About::NeverGoesOn { stuck: stuck.into() }], "{dialect:?}");
        assert_eq!(holders(&twice.lane, Instant(1_500_000)), [1], "{dialect:?}");
        assert_eq!((twice.lines().len(), once.makespan()), (0, 2.0), "{dialect:?}");
        assert_eq!(once.findings, [], "{dialect:?}");
    }
}
