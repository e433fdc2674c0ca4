//! What tokens cost, as of a day. Prices change: show the day beside every figure.
//!
//! Transcribed from Google's price page as captured in public copies; US dollars for a million
//! tokens, thinking billed as output.

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
    fn a_million_tokens_cost_the_price() {
        let price = of("gemini-flash-latest").expect("listed");
        assert!((price.cost(1_000_000, 1_000_000) - 4.5).abs() < 1e-12);
    }
}
