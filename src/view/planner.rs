//! The planner: a job and an account's limits go in; what holds it back, its time, its cost and a lane come out.

use crate::browser::later::later;
use crate::experiment::price;
use crate::experiment::{Experiment, Workload};
use crate::study::planner::{Advice, Job, PlannerError, Tier, advise, experiment};
use crate::time::micros_as_secs;
use crate::view::controls::field::{Number, whole};
use crate::view::dom::{El, el};
use crate::view::opened::made_when_opened;
use crate::view::state::State;
use crate::view::words::planner::{littles_law, name, plan, sum, verdict};
use crate::view::words::units::capital;
use leptos::prelude::*;

/// More than any quota.
const MOST: f64 = 1_000_000_000.0;

/// What is entered.
#[derive(Clone, Copy)]
struct Entered {
    job: Job,
    tier: Tier,
}

pub(crate) fn planner(state: State) -> El {
    made_when_opened(state, "Plan a job under the limits of your account", planner_card)
        .class("card unfolds")
        .class_by("gone", move || !state.has_free_choice())
}

later! { study:
    fn planner_card(state: State, home: Owner) -> El {
        home.with(|| untrack(|| card(state)))
    }
}

fn card(state: State) -> El {
    let entered = RwSignal::new(of_run(state));
    let advised = move || {
        let Entered { job, tier } = entered.get();
        advise(&job, &tier)
    };
    let take = move |_| entered.set(Entered { tier: entered.get_untracked().tier, ..of_run(state) });
    let from_run = el("button").class("ghost").on("click", take).text("Take the job from the run above");
    el("div")
        .class("planner")
        .child(el("div").class("sheet").child(job_fields(entered).child(from_run)).child(tier_fields(entered)))
        .child(said(advised, entered))
        .child(buttons(state, advised, entered))
}

/// The job that the shown run is, as far as it tells, under the limits of its simulated server.
fn of_run(state: State) -> Entered {
    let experiment = state.experiment.get_untracked();
    let lane = state.selected.get_untracked().0;
    let stats = state.stats.with_untracked(|all| all.get(lane).cloned()).unwrap_or_default();
    let a_request = |sum: u64, else_: u32| match stats.succeeded as u64 {
        0 => else_,
        n => u32::try_from(sum / n).unwrap_or(u32::MAX),
    };
    let answer_tokens = a_request(stats.tokens.output, 60).max(1);
    // What its attempts took, without the waits between them: a plan has waits of its own.
    let in_flight = stats.mean_in_flight * micros_as_secs(stats.makespan_micros);
    let secs = in_flight / f64::from(u32::try_from(stats.succeeded).unwrap_or(u32::MAX)).max(1.0);
    let most = experiment.workload.settings().map_or(2_048, |settings| settings.max_output_tokens);
    let figures = experiment.server.simulated();
    Entered {
        job: Job {
            requests: experiment.workload.len().max(1),
            prompt_tokens: a_request(stats.tokens.prompt, 10),
            answer_tokens,
            longest_answer_tokens: most.min(answer_tokens.saturating_mul(2)).max(answer_tokens),
            seconds_a_request: if secs > 0.0 { libm::round(secs * 10.0) / 10.0 } else { 6.0 },
            price: price::of(&experiment.workload.model(0)),
        },
        tier: Tier {
            at_once: 100,
            requests_per_minute: figures.and_then(|figures| figures.requests_per_minute).or(Some(60)),
            tokens_per_minute: figures.and_then(|figures| figures.tokens_per_minute),
            requests_per_day: figures.and_then(|figures| figures.requests_per_day),
            budget_dollars: None,
        },
    }
}

fn job_fields(entered: RwSignal<Entered>) -> El {
    let field = |number: Number, of: fn(&Job) -> f64, put: fn(&mut Job, f64)| {
        let set = move |n: Option<f64>| entered.update(|entered| n.into_iter().for_each(|n| put(&mut entered.job, n)));
        number.field(move || Some(of(&entered.read().job)), set)
    };
    let most = f64::from(Workload::MOST_REQUESTS);
    el("fieldset")
        .child(el("legend").text("The job"))
        .child(field(Number::new("Requests", 1.0, most), |job| job.requests.into(), |job, n| job.requests = whole(n)))
        .child(field(
            Number::new("Tokens of a prompt", 0.0, 1e6),
            |job| job.prompt_tokens.into(),
            |job, n| job.prompt_tokens = whole(n),
        ))
        .child(field(
            Number::new("Tokens of an answer, mean", 1.0, 65_536.0),
            |job| job.answer_tokens.into(),
            |job, n| job.answer_tokens = whole(n),
        ))
        .child(field(
            Number::new("Tokens of an answer, most", 1.0, 65_536.0),
            |job| job.longest_answer_tokens.into(),
            |job, n| job.longest_answer_tokens = whole(n),
        ))
        .child(field(
            Number::new("Time of a request, mean, s", 0.1, 3_600.0).by(0.1),
            |job| job.seconds_a_request,
            |job, n| job.seconds_a_request = n,
        ))
}

fn tier_fields(entered: RwSignal<Entered>) -> El {
    let quota = |name, of: fn(&Tier) -> Option<u32>, put: fn(&mut Tier, Option<u32>)| {
        let set = move |n: Option<f64>| entered.update(|entered| put(&mut entered.tier, n.map(whole)));
        Number::new(name, 1.0, MOST).field(move || of(&entered.read().tier).map(f64::from), set)
    };
    let budget = Number::new("Budget, $", 0.0, MOST).by(0.01).field(
        move || entered.read().tier.budget_dollars,
        move |sum| entered.update(|entered| entered.tier.budget_dollars = sum),
    );
    el("fieldset")
        .child(el("legend").text("Limits of the account"))
        .child(quota("Requests in flight", |tier| Some(tier.at_once), |tier, n| tier.at_once = n.unwrap_or(100)))
        .child(quota("Requests a minute", |tier| tier.requests_per_minute, |tier, n| tier.requests_per_minute = n))
        .child(quota("Tokens a minute", |tier| tier.tokens_per_minute, |tier, n| tier.tokens_per_minute = n))
        .child(quota("Requests a day", |tier| tier.requests_per_day, |tier, n| tier.requests_per_day = n))
        .child(budget)
        .child(el("p").class("fine").text("An empty field is no limit."))
}

type Advised = Result<Advice, PlannerError>;

/// What there is to say: the verdict, a sum for each limit, and the plan.
fn said(advised: impl Fn() -> Advised + Copy + 'static, entered: RwSignal<Entered>) -> El {
    let with = move |say: fn(&Entered, &Advice) -> String| {
        advised().map(|advice| say(&entered.read(), &advice)).unwrap_or_default()
    };
    let problem = move || advised().err().map(|error| format!("{}.", capital(&error.to_string())));
    let bounds = move || advised().map(|advice| advice.bounds.len()).unwrap_or_default();
    let line = move |place: usize| {
        let cell = move |say: fn(&Entered, &Advice, usize) -> Option<String>| {
            move || advised().ok().and_then(|advice| say(&entered.read(), &advice, place)).unwrap_or_default()
        };
        let is_binding = move || advised().is_ok_and(|advice| binds(&advice, place));
        let limit = cell(|_, advice, place| {
            let bound = advice.bounds.get(place)?;
            let mark = if binds(advice, place) { ", what binds" } else { "" };
            Some(format!("{}{mark}", name(bound.constraint)))
        });
        let sums =
            cell(|entered, advice, place| Some(sum(advice.bounds.get(place)?, &entered.job, &entered.tier, advice)));
        let row = el("tr").class_by("on", is_binding);
        vec![row.child(el("th").attr("scope", "row").text_by(limit)).child(el("td").text_by(sums))]
    };
    let planned = move || advised().map(|advice| plan(&entered.read().job, &advice)).unwrap_or_default();
    let gate = move |place: usize| vec![el("li").text_by(move || planned().get(place).cloned().unwrap_or_default())];
    let gates = move || (0..planned().len()).collect::<Vec<_>>();
    el("div")
        .child(el("p").class("problem").attr("role", "alert").text_by(move || problem().unwrap_or_default()))
        .child(
            el("p")
                .class("outcome")
                .attr("role", "status")
                .text_by(move || with(|entered, advice| verdict(&entered.job, &entered.tier, advice))),
        )
        .child(
            el("table")
                .class_by("gone", move || bounds() == 0)
                .child(el("caption").text("What each limit alone would take"))
                .child(el("tbody").each(move || (0..bounds()).collect::<Vec<_>>(), line)),
        )
        .child(el("p").text_by(move || with(|entered, advice| littles_law(&entered.job, advice))))
        .child(el("ul").each(gates, gate))
}

fn binds(advice: &Advice, place: usize) -> bool {
    advice.bounds.get(place).is_some_and(|bound| bound.constraint == advice.binding)
}

fn buttons(state: State, advised: impl Fn() -> Advised + Copy + 'static, entered: RwSignal<Entered>) -> El {
    let cannot = move || advised().is_err();
    let add = move |_| {
        if let Ok(advice) = advised()
            && !state.is_busy("add a lane")
        {
            let place = state.experiment.read_untracked().lanes.len();
            if place < Experiment::MOST_LANES {
                state.add_lane(place, advice.lane);
                state.run();
            } else {
                state.notice.set(Some(format!("There are {place} lanes already. Remove one first.")));
            }
        }
    };
    let simulate = move |_| {
        if let Ok(advice) = advised() {
            let Entered { job, tier } = entered.get_untracked();
            state.try_out(experiment(&job, &tier, advice), 0);
        }
    };
    el("div")
        .class("row")
        .child(el("button").class("primary").flag_by("disabled", cannot).on("click", add).text("Add as a lane and run"))
        .child(el("button").class("ghost").flag_by("disabled", cannot).on("click", simulate).text("Simulate the job"))
}
