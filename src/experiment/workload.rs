//! What is done: so many requests, their prompts taken in turn; or the programs of a script.

use crate::experiment::script::{Script, ScriptError};
use crate::id::Tag;
use crate::policy::priority::Class;
use crate::port::Settings;
use crate::rng::{Purpose, Stream};
use crate::time::{from_millis, from_secs};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::time::Duration;

/// What is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Requests to a language model.
    Calls(Calls),
    /// Small programs, one for each lane, which ask nobody: the server and the plans of the lanes play no part.
    Script(Script),
}

/// Requests to a language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// The prompts. A single one is asked as often as there are requests; of several, each request
    /// takes the next, starting over when they run out.
    pub prompts: Vec<Rc<str>>,
    /// How many requests. Default 12.
    pub requests: u32,
    /// What goes with every request.
    pub settings: Settings,
    /// The instructions of a chain of 1 to 5 steps: each stands before the answer of the step before it, the
    /// first before the prompt. Default none: one step, the prompt alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Rc<str>>,
    /// Models asked side by side: each prompt goes to the first, then to the next. Default none: all requests go to
    /// the model of `settings`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<Rc<str>>,
    /// How much each request matters, starting over when they run out. Default none: all are normal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
    /// How many requests each tenant has, one tenant after the other; what is left is the last one's. Default none:
    /// all are one tenant's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<u32>,
    /// Milliseconds from one request being asked to the next. Default 0: all at once.
    #[serde(skip_serializing_if = "is_zero")]
    pub every_millis: u32,
    /// How those milliseconds are meant. Default evenly.
    #[serde(skip_serializing_if = "Arrivals::is_even")]
    pub arrivals: Arrivals,
}

/// How the moments lie at which requests are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// As far apart as is said.
    #[default]
    Even,
    /// That far apart on average: people who know nothing of one another (a Poisson process).
    Poisson,
}

impl Arrivals {
    #[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands over references.
    fn is_even(&self) -> bool {
        *self == Self::Even
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            prompts: vec!["Why do some birds migrate?".into()],
            requests: 12,
            settings: Settings::default(),
            steps: Vec::new(),
            models: Vec::new(),
            classes: Vec::new(),
            tenants: Vec::new(),
            every_millis: 0,
            arrivals: Arrivals::Even,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands over references.
fn is_zero(number: &u32) -> bool {
    *number == 0
}

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Why a workload can't be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkloadError {
    /// There is nothing to ask.
    #[error("write at least one prompt")]
    NoPrompt,
    /// Fewer than one or more than the page can draw.
    #[error("requests must lie between 1 and {}", Workload::MOST_REQUESTS)]
    BadCount,
    /// Outside what the models take.
    #[error("temperature must lie between 0 and 2")]
    BadTemperature,
    /// An answer of no tokens is none, and no model writes more.
    #[error("output tokens must lie between 1 and 65536")]
    BadTokens,
    /// No model is named.
    #[error("name a model")]
    NoModel,
    /// A chain is short.
    #[error("a chain has at most {} steps", Workload::MOST_STEPS)]
    TooManySteps,
    /// More than can be compared.
    #[error("at most {} models can be asked side by side", Workload::MOST_MODELS)]
    TooManyModels,
    /// More than can be told apart.
    #[error("there can be at most {} tenants", Workload::MOST_TENANTS)]
    TooManyTenants,
    /// The last would be asked after a day.
    #[error("the last request must be asked within 24 h")]
    TooSpread,
    /// The script is not sound.
    #[error(transparent)]
    Script(#[from] ScriptError),
}

impl Workload {
    /// The most requests of one run.
    pub const MOST_REQUESTS: u32 = 1_000_000;
    /// The most steps of a chain.
    pub const MOST_STEPS: usize = 5;
    /// The most models asked side by side.
    pub const MOST_MODELS: usize = 8;
    /// The most tenants.
    pub const MOST_TENANTS: usize = 50;

    /// The requests to a model, if that is what it is.
    #[must_use]
    pub fn calls(&self) -> Option<&Calls> {
        match self {
            Self::Calls(calls) => Some(calls),
            Self::Script(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn calls_mut(&mut self) -> Option<&mut Calls> {
        match self {
            Self::Calls(calls) => Some(calls),
            Self::Script(_) => None,
        }
    }

    /// The programs, if that is what it is.
    #[must_use]
    pub fn script(&self) -> Option<&Script> {
        match self {
            Self::Calls(_) => None,
            Self::Script(script) => Some(script),
        }
    }

    /// How many items there are; of a script, the rows of the longest of its programs.
    #[must_use]
    pub fn len(&self) -> u32 {
        match self {
            Self::Calls(calls) => calls.requests,
            Self::Script(script) => script.rows(),
        }
    }

    /// How many items a lane has.
    #[must_use]
    pub fn rows_of(&self, lane: usize) -> u32 {
        match self {
            Self::Calls(calls) => calls.requests,
            Self::Script(script) => script.rows_of(lane),
        }
    }

    /// What an item of a lane is called; none where it goes by its number.
    #[must_use]
    pub fn name_of(&self, lane: usize, item: u32) -> Option<&str> {
        self.script()?.programs.get(lane)?.names().nth(item as usize)
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The prompt of item `item`; none of a script has one.
    #[must_use]
    pub fn prompt(&self, item: u32) -> Rc<str> {
        let Some(Calls { prompts, models, .. }) = self.calls() else { return "".into() };
        match prompts.len() {
            0 => "".into(),
            n => prompts[item as usize / models.len().max(1) % n].clone(),
        }
    }

    /// How many steps an item has.
    #[must_use]
    pub fn steps(&self) -> u8 {
        let steps = self.calls().map_or(1, |calls| calls.steps.len().max(1));
        u8::try_from(steps).unwrap_or(u8::MAX)
    }

    /// What a step of an item asks, `before` being the answer of the step before it.
    #[must_use]
    pub fn ask(&self, item: u32, step: u8, before: &str) -> Rc<str> {
        let instruction = self.calls().and_then(|calls| calls.steps.get(usize::from(step)));
        let Some(instruction) = instruction else { return self.prompt(item) };
        let prompt = self.prompt(item);
        let on = if step == 0 { &*prompt } else { before };
        if instruction.trim().is_empty() { on.into() } else { format!("{instruction}\n\n{on}").into() }
    }

    /// The model that an item asks first; an item of a script asks none.
    #[must_use]
    pub fn model(&self, item: u32) -> Rc<str> {
        let Some(calls) = self.calls() else { return "".into() };
        match calls.models.len() {
            0 => calls.settings.model.clone(),
            n => calls.models[item as usize % n].clone(),
        }
    }

    /// How much an item matters.
    #[must_use]
    pub fn class(&self, item: u32) -> Class {
        let classes = self.calls().map_or(&[][..], |calls| &calls.classes);
        if classes.is_empty() { Class::default() } else { classes[item as usize % classes.len()] }
    }

    /// Whose item it is.
    #[must_use]
    pub fn tenant(&self, item: u32) -> u8 {
        let tenants = self.calls().map_or(&[][..], |calls| &calls.tenants);
        let mut before = 0_u32;
        let is_later = |count: &&u32| {
            before = before.saturating_add(**count);
            before <= item
        };
        let place = tenants.iter().take_while(is_later).count();
        u8::try_from(place.min(tenants.len().saturating_sub(1))).unwrap_or(u8::MAX)
    }

    /// How long after the item before it an item is asked; the first one at once.
    #[must_use]
    pub fn gap_before(&self, item: u32, seed: u64) -> Duration {
        let Some(calls) = self.calls().filter(|calls| item > 0 && calls.every_millis > 0) else {
            return Duration::ZERO;
        };
        let mean = from_millis(calls.every_millis);
        match calls.arrivals {
            Arrivals::Even => mean,
            Arrivals::Poisson => {
                let drawn = Stream::new(seed, Purpose::Arrival, Tag::of_item(0, item)).exponential();
                from_secs(drawn * mean.as_secs_f64())
            }
        }
    }

    /// The same, of these items alone; none where they ask different models, or are rows of a script.
    #[must_use]
    pub fn only(&self, items: &[u32]) -> Option<Self> {
        let calls = self.calls()?;
        let model = self.model(*items.first()?);
        if items.iter().any(|&item| self.model(item) != model) {
            return None;
        }
        let of_tenant = |tenant: u8| items.iter().filter(|&&item| self.tenant(item) == tenant).count();
        let tenants =
            (0_u8..).zip(&calls.tenants).map(|(tenant, _)| u32::try_from(of_tenant(tenant)).unwrap_or(u32::MAX));
        let classes = items.iter().map(|&item| self.class(item)).filter(|_| !calls.classes.is_empty());
        Some(Self::Calls(Calls {
            prompts: items.iter().map(|&item| self.prompt(item)).collect(),
            requests: u32::try_from(items.len()).unwrap_or(u32::MAX),
            settings: Settings { model, ..calls.settings.clone() },
            models: Vec::new(),
            classes: classes.collect(),
            tenants: tenants.collect(),
            ..calls.clone()
        }))
    }

    /// What goes with every request; nothing goes anywhere in a script.
    #[must_use]
    pub fn settings(&self) -> Option<&Settings> {
        self.calls().map(|calls| &calls.settings)
    }

    /// # Errors
    /// The first thing that is not sound.
    pub fn validate(&self) -> Result<(), WorkloadError> {
        match self {
            Self::Calls(calls) => calls.validate(),
            Self::Script(script) => Ok(script.validate()?),
        }
    }
}

impl Calls {
    fn validate(&self) -> Result<(), WorkloadError> {
        let Self { prompts, requests, settings, steps, models, classes: _, tenants, every_millis, arrivals: _ } = self;
        if prompts.iter().all(|prompt| prompt.trim().is_empty()) {
            return Err(WorkloadError::NoPrompt);
        }
        if !(1..=Workload::MOST_REQUESTS).contains(requests) {
            return Err(WorkloadError::BadCount);
        }
        if settings.model.trim().is_empty() || models.iter().any(|model| model.trim().is_empty()) {
            return Err(WorkloadError::NoModel);
        }
        if steps.len() > Workload::MOST_STEPS {
            return Err(WorkloadError::TooManySteps);
        }
        if models.len() > Workload::MOST_MODELS {
            return Err(WorkloadError::TooManyModels);
        }
        if tenants.len() > Workload::MOST_TENANTS {
            return Err(WorkloadError::TooManyTenants);
        }
        if u64::from(*every_millis) * u64::from(*requests) > DAY_MILLIS {
            return Err(WorkloadError::TooSpread);
        }
        if !(0.0..=2.0).contains(&settings.temperature) {
            return Err(WorkloadError::BadTemperature);
        }
        if !(1..=65_536).contains(&settings.max_output_tokens) {
            return Err(WorkloadError::BadTokens);
        }
        Ok(())
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn models_side_by_side_are_asked_the_same() {
        let calls =
            Calls { models: vec!["a".into(), "b".into()], prompts: vec!["x".into(), "y".into()], ..Calls::default() };
        let workload = Workload::Calls(calls);
        let asked = |item| (workload.prompt(item).to_string(), workload.model(item).to_string());
        let pairs = [("x", "a"), ("x", "b"), ("y", "a"), ("y", "b"), ("x", "a")];
        for (item, (prompt, model)) in (0..).zip(pairs) {
            assert_eq!(asked(item), (prompt.into(), model.into()));
        }
    }

    #[test]
    fn gaps_are_even_or_drawn_around_their_mean_and_the_first_has_none() {
        let asked = |every_millis, arrivals| Workload::Calls(Calls { every_millis, arrivals, ..Calls::default() });
        let gaps =
            |workload: &Workload, seed| (0..20_000).map(|item| workload.gap_before(item, seed)).collect::<Vec<_>>();
        let even = gaps(&asked(20, Arrivals::Even), 1);
        assert!(even[0].is_zero() && even[1..].iter().all(|&gap| gap == from_millis(20)));
        let drawn = gaps(&asked(20, Arrivals::Poisson), 1);
        assert!(drawn[0].is_zero() && drawn != gaps(&asked(20, Arrivals::Poisson), 2));
        let mean = drawn.iter().sum::<Duration>().as_secs_f64() / 20_000.0;
        assert!((mean - 0.02).abs() < 0.000_5, "mean {mean}");
        assert!(gaps(&asked(0, Arrivals::Poisson), 1).iter().all(Duration::is_zero));
    }

    #[test]
    fn some_items_alone_keep_their_prompts_classes_and_tenants() {
        use Class::{High, Low, Normal};
        let all = Workload::Calls(Calls {
            prompts: ["a", "b", "c", "d"].map(Into::into).into(),
            requests: 4,
            classes: vec![Low, High, Normal],
            tenants: vec![1, 3],
            ..Calls::default()
        });
        let some = all.only(&[0, 1, 3]).expect("one model");
        let of = |item| (some.prompt(item).to_string(), some.class(item), some.tenant(item));
        assert_eq!(
            [of(0), of(1), of(2)],
            [("a", Low, 0), ("b", High, 1), ("d", Low, 1)].map(|(p, c, t)| (p.into(), c, t))
        );
        let two = Workload::Calls(Calls { models: vec!["x".into(), "y".into()], ..Calls::default() });
        assert_eq!(two.only(&[0, 1]), None);
        assert_eq!(two.only(&[1, 3]).map(|some| some.model(0)), Some("y".into()));
    }

    #[test]
    fn a_step_asks_about_the_answer_before_it() {
        let steps = ["Research.", "Write.", ""].map(Into::into).into();
        let workload = Workload::Calls(Calls { steps, prompts: vec!["Birds".into()], ..Calls::default() });
        assert_eq!(workload.steps(), 3);
        assert_eq!(&*workload.ask(0, 0, ""), "Research.\n\nBirds");
        assert_eq!(&*workload.ask(0, 1, "They fly."), "Write.\n\nThey fly.");
        assert_eq!(&*workload.ask(0, 2, "Once upon a time"), "Once upon a time");
        assert_eq!(&*Workload::Calls(Calls::default()).ask(0, 0, ""), "Why do some birds migrate?");
    }

    #[test]
    fn tenants_have_their_items_one_after_the_other() {
        let workload = Workload::Calls(Calls { tenants: vec![2, 0, 1], requests: 5, ..Calls::default() });
        assert_eq!([0, 1, 2, 3, 4].map(|item| workload.tenant(item)), [0, 0, 2, 2, 2]);
        assert_eq!(Workload::Calls(Calls::default()).tenant(7), 0);
    }
}
