//! What tokens cost, as of a day. Prices change: show the day beside every figure.
//!
//! Transcribed from Google's price page as captured in public copies; US dollars for a million
//! tokens, thinking billed as output.

use crate::experiment::{LaneSpec, Workload};

/// The day the list was read.
pub const AS_OF: &str = "2026-11-22";

/// What a model costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// US dollars for a million tokens in.
    pub input: f64,
    /// US dollars for a million tokens out, thinking included.
    pub output: f64,
}

/// By name, without what says which edition it is.
const PRICES: &[(&str, Price)] = &[
    ("gemini-4-argon", Price { input: 2.0, output: 10.0 }),
    ("gemini-3.8-flash", Price { input: 0.75, output: 3.75 }),
    ("gemini-3.7-flash", Price { input: 0.75, output: 3.75 }),
    ("gemini-3.6-flash", Price { input: 0.75, output: 3.75 }),
    ("gemini-flash-latest", Price { input: 0.75, output: 3.75 }),
    ("gemini-3.5-flash", Price { input: 1.50, output: 9.0 }),
    ("gemini-3.5-flash-lite", Price { input: 0.30, output: 2.50 }),
    ("gemini-3.1-flash-lite", Price { input: 0.25, output: 1.50 }),
    ("gemini-3.1-pro-preview", Price { input: 2.0, output: 12.0 }),
    ("gemini-3-flash-preview", Price { input: 0.50, output: 3.0 }),
    ("gemini-2.5-pro", Price { input: 1.25, output: 10.0 }),
    ("gemini-2.5-flash", Price { input: 0.30, output: 2.50 }),
    ("gemini-2.5-flash-lite", Price { input: 0.10, output: 0.40 }),
];

/// The price of `model`, if the list has it.
#[must_use]
pub fn of(model: &str) -> Option<Price> {
    let model = model.strip_prefix("models/").unwrap_or(model);
    let is_edition =
        |rest: &str| rest.split('-').all(|word| word == "preview" || word.bytes().all(|b| b.is_ascii_digit()));
    // What follows a name may make another model of it, at another price: -image, -tts, -live.
    let fits = |name: &str| {
        model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-') && is_edition(rest))
    };
    PRICES.iter().find(|(name, _)| fits(name)).map(|&(_, price)| price)
}

/// The price of a lane's calls, where every model that it may ask has the same; none where one is not listed.
#[must_use]
pub fn of_lane(workload: &Workload, lane: Option<&LaneSpec>) -> Option<Price> {
    let (lowest, highest) = bounds(workload, lane.as_slice())?;
    (lowest == highest).then_some(lowest)
}

/// The highest price of any model that the lanes may ask; none where one is not listed.
#[must_use]
pub fn at_most(workload: &Workload, lanes: &[&LaneSpec]) -> Option<Price> {
    bounds(workload, lanes).map(|(_, highest)| highest)
}

fn bounds(workload: &Workload, lanes: &[&LaneSpec]) -> Option<(Price, Price)> {
    let own = (0..workload.len().min(8)).map(|item| of(&workload.model(item)));
    let others = lanes.iter().filter_map(|lane| lane.fallback.as_ref()).flat_map(|fallback| &fallback.models);
    let mut prices = own.chain(others.map(|model| of(model)));
    let first = prices.next()??;
    prices.try_fold((first, first), |(low, high), price| {
        let price = price?;
        let low = Price { input: low.input.min(price.input), output: low.output.min(price.output) };
        Some((low, Price { input: high.input.max(price.input), output: high.output.max(price.output) }))
    })
}

impl Price {
    /// US dollars for so many tokens in and out.
    #[must_use]
    pub fn cost(self, input: u64, output: u64) -> f64 {
        #[allow(clippy::cast_precision_loss)] // Token counts are far below 2^53.
        let millions = |tokens: u64| tokens as f64 / 1e6;
        self.input * millions(input) + self.output * millions(output)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::Fallback;
    use crate::experiment::workload::Calls;

    #[test]
    fn an_edition_has_the_price_of_its_model_and_another_model_has_not() {
        assert_eq!(of("models/gemini-2.5-flash-preview-09-2026").map(|p| p.output), Some(2.5));
        assert_eq!(of("gemini-2.5-flash-image"), None);
        assert_eq!(of("gemini-2.5-flash-preview-tts"), None);
        assert_eq!(of("gemini-2.5-flashy"), None);
        assert_eq!(of("gemini-3.5-flash-lite-001").map(|p| p.output), Some(2.5));
        assert_eq!(of("gemini-3.5-flash").map(|p| p.output), Some(9.0));
        assert_eq!(of("some-other-model"), None);
    }

    #[test]
    fn several_models_have_a_price_only_where_it_is_the_same() {
        let asking = |models: &[&str]| {
            let models = models.iter().map(|&model| model.into()).collect();
            Workload::Calls(Calls { models, ..Calls::default() })
        };
        let (alike, unlike) = (["gemini-3.7-flash", "gemini-3.8-flash"], ["gemini-3.7-flash", "gemini-2.5-pro"]);
        assert_eq!(of_lane(&asking(&alike), None), of("gemini-3.7-flash"));
        assert_eq!(of_lane(&asking(&unlike), None), None);
        assert_eq!(at_most(&asking(&unlike), &[]), Some(Price { input: 1.25, output: 10.0 }));
        assert_eq!(at_most(&asking(&["gemini-3.7-flash", "mine"]), &[]), None);
        let fallback = Fallback { models: vec!["gemini-2.5-pro".into()], ..Fallback::default() };
        let lane = LaneSpec { fallback: Some(fallback), ..LaneSpec::default() };
        assert_eq!(of_lane(&asking(&[]), Some(&lane)), None);
        assert_eq!(at_most(&asking(&[]), &[&lane]).map(|price| price.output), Some(10.0));
    }

    #[test]
    fn a_million_tokens_cost_the_price() {
        let price = of("gemini-flash-latest").expect("listed");
        assert!((price.cost(1_000_000, 1_000_000) - 4.5).abs() < 1e-12);
    }
}
