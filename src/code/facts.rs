//! What the templates need to know of a lane and its calls: which conditions hold, and what stands in their holes.
//!
//! A slot is a permit of a semaphore. It stands around one attempt (`inside`), around a step (`around` all tries of
//! one model, or in a `ring` around several models), or around a chain of steps (`chained`); workers need none.

use super::Language::{self, JavaScript, Python, Rust};
use super::gates::{gates, learned};
use super::signature::Signature;
use crate::experiment::plan::{Plan, Strategy};
use crate::experiment::workload::{Arrivals, Calls};
use crate::experiment::{Fallback, FallbackRule, OnFailure, PermitScope};
use crate::figure::plain;
use crate::policy::backoff::{self, Jitter};
use crate::policy::hedge::{self, After};
use crate::policy::priority::Order;
use crate::policy::{refusal, semaphore};
use crate::time::whole_micros;
use std::time::Duration;

/// More prompts than these are kept in a file of their own.
const MOST_PROMPTS: usize = 20;
/// Connections that Google's SDK for Python opens if nobody says otherwise.
const SDK_CONNECTIONS: u64 = 100;

/// What stands in holes, by their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Holes(Vec<(&'static str, String)>);

impl Holes {
    pub(super) fn put(&mut self, hole: &'static str, value: impl Into<String>) {
        self.0.push((hole, value.into()));
    }

    /// What stands in the hole of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(hole, _)| *hole == name).map(|(_, value)| value.as_str())
    }
}

/// What is known of a lane.
#[derive(Debug)]
pub(super) struct Facts {
    language: Language,
    flags: Vec<&'static str>,
    pub(super) holes: Holes,
    /// Holes whose line is there once for each of these rows.
    pub(super) lists: Vec<(&'static str, Vec<Holes>)>,
}

impl Facts {
    pub(super) fn of(language: Language, plan: &Plan, calls: &Calls) -> Self {
        let mut facts = Self { language, flags: Vec::new(), holes: Holes::default(), lists: Vec::new() };
        facts.set_calls(calls);
        facts.set_failure(plan);
        facts.set_branches(plan.fallback.as_ref(), plan.hedge);
        facts.set_start(plan, calls);
        facts.set_slots(plan);
        facts.set_rates(plan);
        facts.set_waits(plan, calls);
        facts.set_names(calls);
        facts
    }

    /// Whether this is known to hold.
    pub(super) fn is(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// Whether all of these hold, of `a|b` one; what begins with `!` must not.
    pub(super) fn hold(&self, condition: &str) -> bool {
        let holds = |flag: &str| flag.strip_prefix('!').map_or_else(|| self.is(flag), |not| !self.is(not));
        condition.split_ascii_whitespace().all(|flags| flags.split('|').any(holds))
    }

    pub(super) fn set(&mut self, flag: &'static str, holds: bool) {
        if holds {
            self.flags.push(flag);
        }
    }

    pub(super) fn put(&mut self, hole: &'static str, value: impl Into<String>) {
        self.holes.put(hole, value);
    }

    /// A text as the language writes it.
    fn quoted(&self, text: &str) -> String {
        if self.language == Rust { format!("{text:?}") } else { serde_json::to_string(text).unwrap_or_default() }
    }

    fn all_quoted<T: AsRef<str>>(&self, texts: &[T]) -> String {
        texts.iter().map(|text| self.quoted(text.as_ref())).collect::<Vec<_>>().join(", ")
    }

    /// A number that the language is to take for one with places.
    fn decimal(&self, value: f64) -> String {
        let text = plain(value);
        if self.language == Rust && !text.contains('.') { text + ".0" } else { text }
    }

    /// A span as the programs have it: in seconds, or in Rust as a `Duration`.
    fn span(&self, span: Duration) -> String {
        if self.language != Rust {
            return plain(span.as_secs_f64());
        }
        match whole_micros(span) {
            micros if micros % 1_000_000 == 0 => format!("Duration::from_secs({})", micros / 1_000_000),
            micros if micros % 1_000 == 0 => format!("Duration::from_millis({})", micros / 1_000),
            micros => format!("Duration::from_micros({micros})"),
        }
    }

    /// Makes a line there once for each of `values`.
    fn list(&mut self, name: &'static str, values: impl IntoIterator<Item = String>) {
        let row = |value| {
            let mut holes = Holes::default();
            holes.put(name, value);
            holes
        };
        self.lists.push((name, values.into_iter().map(row).collect()));
    }

    /// Prompts, steps, models, settings.
    fn set_calls(&mut self, calls: &Calls) {
        let (prompts, requests) = (&calls.prompts, calls.requests);
        let is_one = prompts.len() <= 1 && calls.models.len() < 2;
        let is_filed = prompts.len() > MOST_PROMPTS;
        self.set("repeated", is_one);
        self.set("filed", is_filed);
        self.set("listed", !is_one && !is_filed);
        self.set("cycled", !is_one && (calls.models.len() > 1 || requests as usize != prompts.len()));
        self.put("prompt", self.quoted(prompts.first().map_or("", |prompt| prompt)));
        if !is_filed {
            let all: Vec<String> = prompts.iter().map(|prompt| self.quoted(prompt)).collect();
            self.list("eachprompt", all);
        }
        self.put("prompts", prompts.len().to_string());
        self.put("requests", requests.to_string());
        let turn = match calls.models.len() {
            0 | 1 => "i".to_owned(),
            models if self.language == Python => format!("i // {models}"),
            models if self.language == JavaScript => format!("Math.floor(i / {models})"),
            models => format!("i / {models}"),
        };
        self.put("turn", turn);
        self.set("sides", calls.models.len() > 1);
        self.put("sidemodels", self.all_quoted(&calls.models));
        self.put("sidecount", calls.models.len().to_string());
        let model = calls.models.first().unwrap_or(&calls.settings.model);
        self.put("model", self.quoted(model));
        self.set("chain", !calls.steps.is_empty());
        self.put("steps", calls.steps.len().to_string());
        self.set("blanks", calls.steps.iter().any(|step| step.trim().is_empty()));
        let steps: Vec<String> =
            calls.steps.iter().map(|step| self.quoted(if step.trim().is_empty() { "" } else { step })).collect();
        self.list("eachstep", steps);
        let system = calls.settings.system.as_deref().filter(|text| !text.trim().is_empty());
        self.set("system", system.is_some());
        self.put("system", self.quoted(system.unwrap_or_default()));
        self.put("temperature", self.decimal(calls.settings.temperature));
        self.put("maxtokens", calls.settings.max_output_tokens.to_string());
    }

    /// What a failure does to the others, and what counts as one that no call escapes.
    fn set_failure(&mut self, plan: &Plan) {
        // To find a limit is to end with the first refusal; other failures do nothing.
        self.set("seeks", plan.on_failure == OnFailure::StopAtRefusal);
        self.set("isolate", matches!(plan.on_failure, OnFailure::Isolate | OnFailure::StopAtRefusal));
        self.set("raise", plan.on_failure == OnFailure::Raise);
        self.set("cancel", plan.on_failure == OnFailure::CancelOthers);
        self.set("fatal", plan.on_failure != OnFailure::CancelOthers);
        self.set("ignores", plan.refusals == refusal::Rule::Ignore);
        self.set("strict", plan.refusals == refusal::Rule::Strict);
        self.set("cutoff", plan.refusals == refusal::Rule::CutOff);
        self.set("spends", self.hold("!ignores|seeks"));
    }

    /// Other models, a fixed text, copies.
    fn set_branches(&mut self, fallback: Option<&Fallback>, hedge: Option<hedge::Params>) {
        if let Some(fallback) = fallback.filter(|fallback| !fallback.models.is_empty()) {
            let races = fallback.rule != FallbackRule::InOrder;
            self.set("models", true);
            self.set("stands", true);
            self.set("order", !races);
            self.set("races", races);
            self.set("later", races && !fallback.at_once);
            self.set("atonce", races && fallback.at_once);
            self.set("wins", fallback.rule == FallbackRule::FirstSuccess);
            self.set("ends", fallback.rule == FallbackRule::FirstFinished);
            self.put("models", self.all_quoted(&fallback.models));
        }
        if let Some(text) = fallback.and_then(|fallback| fallback.text.as_deref()) {
            self.set("text", true);
            self.put("text", self.quoted(text));
        }
        // Models that are all asked at once have no copies.
        let after = hedge.map(hedge::Params::after).filter(|_| !self.is("atonce"));
        self.set("hedge", after.is_some());
        self.set("bymodel", after.is_some() && self.is("models"));
        match after {
            Some(After::Delay(delay)) => self.put("slow", self.span(delay)),
            Some(After::Percentile { percent, at_least }) => {
                self.set("percentile", true);
                self.put("slow", percent.to_string());
                self.put("known", at_least.to_string());
            }
            None => {}
        }
    }

    /// How all are started. Workers hold on to an item until it is over, and take items in the order of coming; a lane
    /// that does otherwise is shown with a semaphore, which can.
    fn set_start(&mut self, plan: &Plan, calls: &Calls) {
        let for_life = plan.permit == PermitScope::Item || plan.permit == PermitScope::Step && calls.steps.len() < 2;
        let rates_first = plan.rates_first && plan.rates != crate::experiment::plan::Rates::default();
        let has_workers = for_life
            && plan.order == Order::Fifo
            && plan.adaptive_limit.is_none()
            && plan.processes == 1
            && !rates_first
            && plan.on_failure != OnFailure::Raise;
        match plan.strategy {
            // A loop takes the items as they come; a semaphore of one can do otherwise.
            Strategy::Sequential if plan.order != Order::Fifo => {
                self.set("gather", true);
                self.set("inturn", true);
            }
            Strategy::Sequential => self.set("seq", true),
            Strategy::Gather => self.set("gather", true),
            Strategy::AsCompleted => self.set("each", true),
            Strategy::WorkerPool { queue } if has_workers => {
                self.set("workers", true);
                self.put("queue", queue.to_string());
                self.put("workers", plan.permits.limit().to_string());
            }
            Strategy::WorkerPool { .. } => {
                self.set("gather", true);
                self.set("pooled", true);
            }
        }
        if let Some(after) = plan.after_first {
            self.set("after", true);
            self.put("after", self.span(after));
        }
        self.set("every", calls.every_millis > 0);
        self.set("poisson", calls.every_millis > 0 && calls.arrivals == Arrivals::Poisson);
        self.put("every", self.span(Duration::from_millis(calls.every_millis.into())));
        self.set("deadline", plan.timeout.has_deadline());
        if plan.timeout.has_deadline() {
            self.put(
                "deadline",
                self.span(plan.timeout.item_ends(crate::time::Instant::ZERO) - crate::time::Instant::ZERO),
            );
        }
        self.set("wrapped", self.hold("every|deadline|after"));
        self.set("began", self.is("every") || self.hold("deadline seq"));
        self.set("stops", self.hold("!seq fatal|after"));
    }

    /// The semaphore, and what a slot of it stands around.
    fn set_slots(&mut self, plan: &Plan) {
        let is_set = plan.permits.limit() < semaphore::Params::MOST || plan.adaptive_limit.is_some();
        let slots = is_set && !self.is("seq") && !self.is("workers");
        let inside = slots && plan.permit == PermitScope::Attempt;
        let chained = slots && plan.permit == PermitScope::Item && self.is("chain");
        let step = slots && !inside && !chained;
        self.set("slots", slots);
        self.set("inside", inside);
        self.set("chained", chained);
        self.set("ring", step && self.is("models"));
        self.set("around", step && !self.is("models"));
        self.set("processes", slots && plan.processes > 1);
        self.put("processes", plan.processes.to_string());
        match plan.order {
            Order::Fifo => {}
            Order::Priority { ageing } => {
                self.set("ranked", true);
                self.set("ageing", ageing.is_some());
                self.put("ageing", self.span(ageing.unwrap_or_default()));
            }
            Order::Fair => self.set("fair", true),
        }
        self.set("learns", slots && plan.adaptive_limit.is_some());
        let [limit, floor, ceiling] = plan
            .adaptive_limit
            .map_or([plan.permits.limit().into(), 0, 0], crate::policy::adaptive_limit::Params::bounds);
        self.put("limit", if self.is("learns") { self.decimal(limit.into()) } else { limit.to_string() });
        self.put("slotlimit", self.decimal(limit.into()));
        self.put("floor", self.decimal(floor.into()));
        self.put("ceiling", self.decimal(ceiling.into()));
        self.set("slotsown", slots && self.hold("ranked|fair|learns"));
    }

    /// The gates of rate, the breaker, the budget: what an attempt passes, and what learns of it.
    fn set_rates(&mut self, plan: &Plan) {
        let rates = plan.rates;
        let gates = gates(rates, |value| self.decimal(value));
        let waits: Vec<String> = gates
            .iter()
            .filter_map(|gate| gate.get(if self.language == Rust { "constant" } else { "gate" }))
            .map(|name| format!("{name}.wait()"))
            .collect();
        let wait = match (waits.as_slice(), self.language) {
            ([one], _) => one.clone(),
            (_, Python) => format!("max({})", waits.join(", ")),
            (_, JavaScript) => format!("Math.max({})", waits.join(", ")),
            (_, Rust) => waits.into_iter().reduce(|all, one| format!("{all}.max({one})")).unwrap_or_default(),
        };
        self.put("gatewait", wait);
        self.set("rated", !gates.is_empty());
        self.lists.push(("constant", gates.clone()));
        self.lists.push(("gate", gates));
        self.set("bucket", rates.requests.is_some() || rates.tokens.is_some());
        self.set("tokens", rates.tokens.is_some());
        self.set("window", rates.window.is_some());
        if let Some(pace) = rates.pace {
            self.set("pace", true);
            let (by_factor, [up, refused, failed]) = learned(pace.rule());
            self.set(if by_factor { "factor" } else { "additive" }, true);
            for (hole, value) in [("up", up), ("refused", refused), ("failed", failed)] {
                self.put(hole, value);
            }
        }
        if let Some(breaker) = rates.breaker {
            let (failures, share, cooldown, ramp) = breaker.figures();
            self.set("breaker", true);
            self.put("failures", failures.to_string());
            self.put("cooldown", self.span(cooldown));
            self.set("share", share.is_some());
            let (share, last) = share.unwrap_or_default();
            self.put("last", last.to_string());
            // 7 of 100 are a share of 0.07, though 0.07 x 100 is a hair above 7.
            self.put("part", plain(libm::ceil(share * f64::from(last) - 1e-9)));
            self.set("ramp", ramp > 0);
            self.put("ramp", ramp.to_string());
        }
        if let Some(budget) = plan.retry_budget {
            let (most, ratio) = budget.figures();
            self.set("budget", plan.retry.tries() > 1);
            self.put("most", self.decimal(most.into()));
            self.put("ratio", self.decimal(ratio));
        }
        self.set("line", self.hold("rated|breaker"));
        self.set("lineown", self.hold("line ranked|fair"));
        self.set("plainsemaphore", self.hold("slots !slotsown") || self.hold("line !lineown"));
        self.set("learning", self.hold("tokens|pace|breaker|learns|budget"));
        let late = self.hold("slots rated") && plan.rates_first;
        self.set("late", late);
        self.set("inlate", late && self.is("inside"));
        self.set("stepped", late && self.is("chained"));
        self.set("plaincopy", self.hold("!line !inside"));
    }

    /// How long an attempt may take, and the waits between attempts.
    fn set_waits(&mut self, plan: &Plan, calls: &Calls) {
        let timeout = plan.timeout;
        let zero = crate::time::Instant::ZERO;
        self.put("timeout", self.span(timeout.attempt()));
        self.put("timeoutmillis", timeout.attempt().as_millis().to_string());
        let silence = [("first", timeout.first_byte_by(zero)), ("stall", timeout.next_chunk_by(zero))];
        for (flag, ends) in silence {
            let is_set = ends != crate::time::Instant::NEVER;
            self.set(flag, is_set);
            let span = if is_set { self.span(ends - zero) } else { "None".to_owned() };
            self.put(if flag == "first" { "firstbyte" } else { "stall" }, span);
            let millis = if is_set { (ends - zero).as_millis().to_string() } else { "undefined".to_owned() };
            self.put(if flag == "first" { "firstmillis" } else { "stallmillis" }, millis);
        }
        self.set("silence", self.hold("first|stall"));
        let tries = plan.retry.tries();
        self.put("tries", tries.to_string());
        let backoff::Figures { first, base, cap, jitter } = plan.backoff.figures();
        self.put("wait", self.decimal(first.as_secs_f64()));
        self.put("base", self.decimal(base));
        self.put("cap", self.decimal(cap.as_secs_f64()));
        self.set("honours", tries > 1 && !self.is("ignores"));
        if tries > 1 {
            self.set("retries", true);
            let kind = match jitter {
                Jitter::None => "none",
                Jitter::Full => "full",
                Jitter::Equal => "equal",
                Jitter::PlusMinusHalf => "half",
                Jitter::Decorrelated => "drift",
            };
            self.set(kind, true);
            self.set("random", jitter != Jitter::None);
        }
        let own = self.hold("window|bucket|pace|breaker|percentile|began|deadline|stall|slotsown|lineown");
        self.set("clock", own || self.hold("after seq"));
        let waits = self.hold("slotsown|lineown ageing")
            || self.hold("window|bucket|pace|breaker|percentile|began|deadline|after");
        self.set("instant", waits);
        self.set("sleeps", self.hold("retries|rated"));
        self.put("answer", if self.is("tokens") { "(String, f64)" } else { "String" });
        let at_once = u64::from(plan.limit()).min(calls.requests.into());
        let copies = if self.hold("hedge|races") { 2 } else { 1 };
        self.set("many", !self.is("seq") && at_once * copies > SDK_CONNECTIONS);
    }

    /// What the functions are called and given.
    fn set_names(&mut self, calls: &Calls) {
        let stepper = if self.is("models") { "fallback" } else { "ask" };
        let inner = if self.is("chain") { "chain" } else { stepper };
        let item = if self.is("wrapped") { "item" } else { inner };
        let outer = if self.is("text") { "reply" } else { item };
        for (hole, name) in [("stepper", stepper), ("inner", inner), ("replied", item), ("outer", outer)] {
            self.put(hole, name);
        }
        self.put("send", if self.is("learning") { "send" } else { "call" });
        if self.is("ranked") {
            let ranks: Vec<String> = calls.classes.iter().map(|class| (*class as u8).to_string()).collect();
            self.put("ranks", if ranks.is_empty() { "1".to_owned() } else { ranks.join(", ") });
            self.put("rankcount", ranks.len().max(1).to_string());
        }
        self.set_tenants(calls);
        Signature::of(self.language, self, calls.models.len()).put(self);
        self.put(
            "delay",
            match (self.is("honours"), self.language) {
                (true, Rust) => "e.delay + Duration::from_secs_f64(own)",
                (true, _) => "e.delay + own",
                (false, Rust) => "Duration::from_secs_f64(own)",
                (false, _) => "own",
            },
        );
        let uses = self.hold("fatal !stands") || self.hold("retries|breaker|seeks");
        self.set("usesspent", self.is("spends") && uses);
        self.set("regex", self.is("honours") || self.hold("usesspent !seeks"));
        self.set("waits", self.is("honours") || self.hold("usesspent strict|cutoff !seeks"));
    }

    /// Whose each item is, as a list that has as many as there are items.
    fn set_tenants(&mut self, calls: &Calls) {
        if !self.is("fair") {
            return;
        }
        let mut left = calls.requests;
        let mut runs: Vec<(usize, u32)> = Vec::new();
        for (tenant, count) in calls.tenants.iter().enumerate() {
            let is_last = tenant + 1 == calls.tenants.len();
            let count = if is_last { left } else { left.min(*count) };
            left -= count;
            runs.push((tenant, count));
        }
        if runs.is_empty() {
            runs.push((0, left));
        }
        let runs: Vec<String> = runs
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(tenant, count)| match self.language {
                Python => format!("[{tenant}] * {count}"),
                JavaScript => format!("...Array({count}).fill({tenant})"),
                Rust => format!("vec![{tenant}; {count}]"),
            })
            .collect();
        self.put("tenants", runs.join(if self.language == Python { " + " } else { ", " }));
    }
}
