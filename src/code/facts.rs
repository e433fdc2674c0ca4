//! What the templates need to know of a lane: which of their conditions hold, and what stands in their holes.
//!
//! A slot is a permit of a semaphore. It stands around one attempt (`inside`), around a step (`around` all tries of
//! one model, or in a `ring` around several models), or around a chain of steps (`chained`); workers need none.

use super::gates::{Gate, gates, listed, named};
use crate::experiment::plan::{Plan, Strategy};
use crate::experiment::{Fallback, FallbackRule, OnFailure, PermitScope};
use crate::figure::plain;
use crate::policy::backoff::{self, Jitter};
use crate::policy::hedge::{self, After};
use crate::policy::priority::Order;
use crate::policy::{refusal, semaphore};

/// What is known of a lane.
pub(super) struct Facts {
    flags: Vec<&'static str>,
    holes: Vec<(&'static str, String)>,
    /// Its gates of rate, in order.
    pub(super) gates: Vec<Gate>,
}

impl Facts {
    pub(super) fn of(plan: &Plan, steps: u8) -> Self {
        let mut facts = Self { flags: Vec::new(), holes: Vec::new(), gates: gates(plan.rates) };
        facts.set("chain", steps > 1);
        facts.put("steps", steps.to_string());
        facts.set_failure(plan.on_failure);
        facts.set_branches(plan.fallback.as_ref(), plan.hedge);
        facts.set_start(plan);
        facts.set_slots(plan);
        facts.set_names();
        facts.set_waits(plan);
        facts
    }

    /// Whether this is known to hold.
    fn is(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// Whether all of these hold; what begins with `!` must not.
    pub(super) fn hold(&self, condition: &str) -> bool {
        condition
            .split_ascii_whitespace()
            .all(|flag| flag.strip_prefix('!').map_or_else(|| self.is(flag), |not| !self.is(not)))
    }

    /// What stands in the hole of that name.
    pub(super) fn hole(&self, name: &str) -> Option<&str> {
        self.holes.iter().find(|(hole, _)| *hole == name).map(|(_, value)| &**value)
    }

    fn set(&mut self, flag: &'static str, holds: bool) {
        if holds {
            self.flags.push(flag);
        }
    }

    fn put(&mut self, hole: &'static str, value: String) {
        self.holes.push((hole, value));
    }

    fn set_failure(&mut self, on_failure: OnFailure) {
        self.set("isolate", on_failure == OnFailure::Isolate);
        self.set("raise", on_failure == OnFailure::Raise);
        // A search for a limit stops with the first failure that counts; in a program that is any.
        self.set("cancel", matches!(on_failure, OnFailure::CancelOthers | OnFailure::StopAtRefusal));
    }

    /// Other models, a fixed text, copies.
    fn set_branches(&mut self, fallback: Option<&Fallback>, hedge: Option<hedge::Params>) {
        if let Some(fallback) = fallback.filter(|fallback| !fallback.models.is_empty()) {
            let races = fallback.rule != FallbackRule::InOrder;
            self.set("models", true);
            self.set("order", !races);
            self.set("races", races);
            self.set("later", races && !fallback.at_once);
            self.set("atonce", races && fallback.at_once);
            self.set("wins", fallback.rule == FallbackRule::FirstSuccess);
            self.set("ends", fallback.rule == FallbackRule::FirstFinished);
            self.put("models", fallback.models.iter().map(|model| quoted(model)).collect::<Vec<_>>().join(", "));
        }
        if let Some(text) = fallback.and_then(|fallback| fallback.text.as_deref()) {
            self.set("text", true);
            self.put("text", quoted(text));
        }
        // Models that are all asked at once have no copies.
        let after = hedge.map(hedge::Params::after).filter(|_| !self.is("atonce"));
        self.set("hedge", after.is_some());
        self.set("bymodel", after.is_some() && self.is("models"));
        self.set("success", after.is_some() || self.is("wins"));
        match after {
            Some(After::Delay(delay)) => self.put("slow", plain(delay.as_secs_f64())),
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
    fn set_start(&mut self, plan: &Plan) {
        let for_life = plan.permit == PermitScope::Item || plan.permit == PermitScope::Step && !self.is("chain");
        let rates_first = plan.rates_first && !self.gates.is_empty();
        let has_workers = for_life
            && plan.order == Order::Fifo
            && plan.adaptive_limit.is_none()
            && !rates_first
            && plan.on_failure != OnFailure::Raise;
        match plan.strategy {
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
        self.set("abort", plan.on_failure == OnFailure::CancelOthers && !self.is("seq"));
        self.set("processes", plan.processes > 1);
        self.put("processes", plan.processes.to_string());
        self.set("ranked", matches!(plan.order, Order::Priority { .. }));
        self.set("fair", plan.order == Order::Fair);
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
        let late = slots && plan.rates_first && !self.gates.is_empty();
        self.set("late", late);
        self.set("inlate", late && inside);
        self.set("stepped", late && chained);
        self.set("plaincopy", self.gates.is_empty() && !inside);
        let again =
            [("k > 0", plan.retry.tries() > 1), ("model != MODEL", self.is("models")), ("step > 0", late && chained)];
        let again: Vec<&str> = again.into_iter().filter(|(_, can_be)| *can_be).map(|(is, _)| is).collect();
        self.set("again", late && !inside && !again.is_empty());
        self.put("again", again.join(" || "));
        self.put("orelse", again.join(" or "));
        self.put_semaphore(plan);
    }

    /// What makes the semaphore; the languages' own are first come, first served, and their limits stay.
    fn put_semaphore(&mut self, plan: &Plan) {
        let limit = ("", plan.permits.limit().to_string());
        let (kind, figures) = match (plan.adaptive_limit, plan.order) {
            (Some(learns), _) => {
                let [start, floor, ceiling] = learns.bounds().map(|bound| bound.to_string());
                ("AdaptiveLimit", vec![("start", start), ("floor", floor), ("ceiling", ceiling)])
            }
            (None, Order::Priority { ageing: Some(ageing) }) => {
                ("PrioritySemaphore", vec![limit, ("ageing", plain(ageing.as_secs_f64()))])
            }
            (None, Order::Priority { ageing: None }) => ("PrioritySemaphore", vec![limit]),
            (None, Order::Fair) => ("FairSemaphore", vec![limit]),
            (None, Order::Fifo) => ("Semaphore", vec![limit]),
        };
        self.set("own", kind != "Semaphore");
        self.put("kind", kind.to_owned());
        self.put("slots", listed(&figures));
        self.put("slotsnamed", named(&figures));
    }

    /// What the functions are called and given.
    fn set_names(&mut self) {
        let stepper = if self.is("models") { "fallback" } else { "ask" };
        let inner = if self.is("chain") { "chain" } else { stepper };
        let outer = if self.is("text") { "reply" } else { inner };
        for (hole, name) in [("stepper", stepper), ("inner", inner), ("outer", outer)] {
            self.put(hole, name.to_owned());
        }
        let tail = if self.is("stepped") { ", step" } else { "" };
        let (model, first) = if self.is("models") { (", model", ", MODEL") } else { ("", "") };
        self.put("tail", tail.to_owned());
        self.put("asked", format!("prompt{model}"));
        self.put("args", format!("prompt{model}{tail}"));
        self.put("main", format!("prompt{first}{tail}"));
        self.put("given", format!("prompt{tail}"));
        // In JavaScript a call that is given up has to be told.
        let aborts = if self.is("abort") { ", abort.signal" } else { "" };
        let (signal, main) = if self.is("races") { (", signal", aborts) } else { ("", "") };
        self.put("signal", signal.to_owned());
        self.put("mainsignal", main.to_owned());
    }

    /// How long an attempt may take, and the waits between attempts.
    fn set_waits(&mut self, plan: &Plan) {
        let timeout = plain(plan.timeout.attempt().as_secs_f64());
        let model = if self.is("models") { "model, " } else { "" };
        let signal = if self.is("races") {
            ", signal"
        } else if self.is("abort") {
            ", signal: abort.signal"
        } else {
            ""
        };
        self.put("options", format!("{model}timeout: {timeout}{signal}"));
        self.put("timeout", timeout);
        let tries = plan.retry.tries();
        self.put("tries", tries.to_string());
        self.put("last", tries.saturating_sub(1).to_string());
        let backoff::Figures { first, base, cap, jitter } = plan.backoff.figures();
        self.put("wait", plain(first.as_secs_f64()));
        self.put("thrice", plain(3.0 * first.as_secs_f64()));
        self.put("base", plain(base));
        self.put("cap", plain(cap.as_secs_f64()));
        if tries > 1 {
            self.set("retries", true);
            self.set("honours", plan.refusals != refusal::Rule::Ignore);
            let kind = match jitter {
                Jitter::None => "none",
                Jitter::Full => "full",
                Jitter::Equal => "equal",
                Jitter::PlusMinusHalf => "half",
                Jitter::Decorrelated => "drift",
            };
            self.set(kind, true);
        }
    }
}

/// A text as all three languages write it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
