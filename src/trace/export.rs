//! A run's answers as a file that other programs read: JSON Lines, an object an item.

use crate::experiment::LaneSpec;
use crate::id::lane_letter;
use crate::time::Instant;
use crate::trace::event::Outcome;
use crate::trace::log::{LaneTrace, Trace};
use crate::trace::span::{Fold, Row};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    lane: char,
    request: u32,
    prompt: &'a str,
    outcome: &'a str,
    answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    prompt_tokens: u32,
    output_tokens: u32,
    attempts: u32,
    seconds: Option<f64>,
    simulated: bool,
}

/// All answers, one JSON object a line, lane by lane in the order of asking.
#[must_use]
pub fn answers_jsonl(trace: &Trace) -> String {
    let mut lines = String::new();
    for ((lane, log), spec) in (0_u8..).zip(&trace.lanes).zip(&trace.experiment.lanes) {
        for (item, row) in (0_u32..).zip(&Fold::of(&log.events).rows) {
            let prompt = trace.experiment.workload.prompt(item);
            let line = Line { lane: lane_letter(lane), request: item + 1, ..line(trace, spec, log, row, &prompt) };
            if let Ok(json) = serde_json::to_string(&line) {
                lines.push_str(&json);
                lines.push('\n');
            }
        }
    }
    lines
}

fn line<'a>(trace: &Trace, lane: &LaneSpec, log: &'a LaneTrace, row: &Row, prompt: &'a str) -> Line<'a> {
    let answer = row.answer().and_then(|place| log.answers.get(place as usize));
    let text = Some(lane).filter(|_| row.outcome == Some(Outcome::Substituted)).and_then(LaneSpec::fixed_text);
    let failure = row.failure.and_then(|place| log.failures.get(place as usize)).filter(|_| answer.is_none());
    Line {
        lane: ' ',
        request: 0,
        prompt,
        outcome: match (answer, failure) {
            _ if text.is_some() => "substituted",
            (Some(_), _) => "answered",
            (None, Some(failure)) => failure.kind.name(),
            (None, None) => "cancelled",
        },
        answer: text.map_or_else(|| row.text(&log.text, Instant::NEVER), Into::into),
        error: failure.map(|failure| &*failure.message),
        model: answer.and_then(|answer| answer.model.as_deref()),
        prompt_tokens: answer.map_or(0, |answer| answer.usage.prompt),
        output_tokens: answer.map_or(0, |answer| answer.usage.output()),
        attempts: row.attempts,
        seconds: row.sent.zip(row.ended).map(|(sent, ended)| ended.since(sent).as_secs_f64()),
        simulated: trace.experiment.server.simulated().is_some(),
    }
}
