//! What holds a job back, as sums that can be checked by hand.

use crate::experiment::LaneSpec;
use crate::figure::{fixed, plain};
use crate::study::planner::{Advice, Bound, Constraint, Job, Tier};
use crate::view::words::units::{dollars, duration};

/// The name of a limit.
#[must_use]
pub fn name(constraint: Constraint) -> &'static str {
    match constraint {
        Constraint::Concurrency => "Requests in flight",
        Constraint::Requests => "Requests a minute",
        Constraint::Tokens => "Tokens a minute",
        Constraint::Day => "Requests a day",
        Constraint::Spend => "The budget",
    }
}

/// What a limit alone makes of a job, as a sum.
#[must_use]
pub fn sum(bound: &Bound, job: &Job, tier: &Tier, advice: &Advice) -> String {
    let (n, secs) = (grouped(advice.affordable), seconds(job));
    let takes = duration(bound.least);
    let LaneSpec { request_bucket, token_budget, .. } = &advice.lane;
    match bound.constraint {
        Constraint::Requests => {
            let (capacity, gain) = request_bucket.map_or((0, 0), |bucket| (bucket.capacity, bucket.per_minute));
            format!("({n} − {}) ÷ {} a minute + {secs} = {takes}", grouped(capacity), grouped(gain))
        }
        Constraint::Tokens if bound.in_flight.is_none() => {
            let (capacity, gain) = token_budget.map_or((0, 0), |bucket| (bucket.capacity, bucket.per_minute));
            let each = grouped(job.prompt_tokens.saturating_add(job.answer_tokens));
            format!("({n} × {each} − {}) ÷ {} a minute + {secs} = {takes}", grouped(capacity), grouped(gain))
        }
        Constraint::Day => {
            let day = tier.requests_per_day.unwrap_or(1).max(1);
            let days = (advice.affordable.max(1) - 1) / day;
            let left = advice.affordable.saturating_sub(days * day);
            format!("{} of 24 h with {} each, then {} more = {takes}", grouped(days), grouped(day), grouped(left))
        }
        _ => {
            let at_once = bound.in_flight.unwrap_or(tier.at_once).max(1);
            let rounds = advice.affordable.div_ceil(at_once);
            let rounds = if rounds == 1 { "1 round".into() } else { format!("{} rounds", grouped(rounds)) };
            format!("{n} ÷ {} in flight = {rounds} × {secs} = {takes}", grouped(at_once))
        }
    }
}

/// How many must be in flight: Little's law.
#[must_use]
pub fn littles_law(job: &Job, advice: &Advice) -> String {
    format!(
        "{} a second × {} = {} in flight on the average; with room for their spread {}",
        fixed(advice.starts_a_second, 2),
        seconds(job),
        fixed(advice.mean_in_flight, 1),
        grouped(advice.lane.limit.unwrap_or(0)),
    )
}

/// What holds the job back, how long it takes and what it costs.
#[must_use]
pub fn verdict(job: &Job, tier: &Tier, advice: &Advice) -> String {
    let takes = duration(advice.takes);
    let costs = advice.costs.map(|sum| format!(" It costs about {}.", dollars(sum))).unwrap_or_default();
    if advice.binding == Constraint::Spend {
        let budget = tier.budget_dollars.map(dollars).unwrap_or_default();
        let (some, all) = (grouped(advice.affordable), grouped(job.requests));
        return format!("{budget} pays for {some} of {all} requests; they take {takes}.{costs}");
    }
    let what = match advice.binding {
        Constraint::Concurrency => "how many can be in flight",
        Constraint::Requests => "the quota of requests a minute",
        Constraint::Tokens => "the quota of tokens a minute",
        _ => "the quota of requests a day",
    };
    format!("It takes {takes}, and what holds it back is {what}.{costs}")
}

/// The gates of the lane, and why nothing of it is refused.
#[must_use]
pub fn plan(job: &Job, advice: &Advice) -> Vec<String> {
    let LaneSpec { limit, request_bucket, token_budget, window, .. } = &advice.lane;
    let mut gates = vec![format!("At most {} in flight", grouped(limit.unwrap_or(0)))];
    if let Some(bucket) = request_bucket {
        let (capacity, gain) = (grouped(bucket.capacity), grouped(bucket.per_minute));
        gates.push(format!(
            "A bucket of {capacity} requests that gains {gain} a minute: {capacity} + {gain} a minute × 61 s is within the quota"
        ));
    }
    if let Some(bucket) = token_budget {
        let (capacity, gain, each) = (grouped(bucket.capacity), grouped(bucket.per_minute), grouped(bucket.estimate));
        let (at_once, longest) = (grouped(limit.unwrap_or(0)), grouped(job.longest_answer_tokens));
        gates.push(format!(
            "A bucket of {capacity} tokens that gains {gain} a minute; a call is taken to cost {each} until it has \
             ended: {capacity} + {gain} a minute × 61 s + {at_once} × {longest} for those in flight is within the quota"
        ));
    }
    if let Some(window) = window {
        gates.push(format!("At most {} requests in 24 h", grouped(window.requests)));
    }
    gates
}

fn seconds(job: &Job) -> String {
    format!("{} s", plain(libm::round(job.seconds_a_request * 10.0) / 10.0))
}

/// A whole number with a space before every three digits.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::price::Price;
    use crate::study::planner::advise;

    const JOB: Job = Job {
        requests: 12_000,
        prompt_tokens: 100,
        answer_tokens: 80,
        longest_answer_tokens: 120,
        seconds_a_request: 6.25,
        price: Some(Price { input: 1.0, output: 10.0 }),
    };

    fn said(tier: Tier) -> (Vec<String>, String) {
        let advice = advise(&JOB, &tier).expect("advice");
        (advice.bounds.iter().map(|bound| sum(bound, &JOB, &tier, &advice)).collect(), verdict(&JOB, &tier, &advice))
    }

    #[test]
    fn each_sum_can_be_checked_by_hand() {
        let (sums, verdict) = said(Tier {
            at_once: 100,
            requests_per_minute: Some(1_000),
            tokens_per_minute: Some(1_000_000),
            requests_per_day: Some(5_000),
            budget_dollars: None,
        });
        assert_eq!(
            sums,
            [
                "12 000 ÷ 100 in flight = 120 rounds × 6.3 s = 12 min 30 s",
                "(12 000 − 50) ÷ 934 a minute + 6.3 s = 12 min 54 s",
                "(12 000 × 180 − 50 000) ÷ 922 622 a minute + 6.3 s = 143.5 s",
                "2 of 24 h with 5 000 each, then 2 000 more = 48 h 2 min",
            ]
        );
        assert_eq!(
            verdict,
            "It takes 48 h 2 min, and what holds it back is the quota of requests a day. It costs about $10.80."
        );
    }

    #[test]
    fn answers_that_may_be_long_leave_room_for_few() {
        let job = Job { requests: 1_000, answer_tokens: 100, longest_answer_tokens: 8_192, ..JOB };
        let tier = Tier { at_once: 100, tokens_per_minute: Some(100_000), ..Tier::default() };
        let advice = advise(&job, &tier).expect("advice");
        let sums: Vec<String> = advice.bounds.iter().map(|bound| sum(bound, &job, &tier, &advice)).collect();
        assert_eq!(sums[1], "1 000 ÷ 9 in flight = 112 rounds × 6.3 s = 11 min 40 s");
        assert_eq!(
            plan(&job, &advice),
            [
                "At most 9 in flight",
                "A bucket of 5 000 tokens that gains 20 923 a minute; a call is taken to cost 200 until it has ended: \
                 5 000 + 20 923 a minute × 61 s + 9 × 8 192 for those in flight is within the quota",
            ]
        );
    }

    #[test]
    fn a_budget_says_what_it_pays_for() {
        let (_, verdict) = said(Tier { at_once: 100, budget_dollars: Some(0.9), ..Tier::default() });
        assert_eq!(verdict, "$0.90 pays for 1 000 of 12 000 requests; they take 62.5 s. It costs about $0.90.");
    }

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!([5, 50, 999, 1_000, 1_234_567].map(grouped), ["5", "50", "999", "1 000", "1 234 567"]);
    }
}
