//! The herd: what each kind of jitter does to a hundred clients that were refused at once.
//!
//! `cargo run --release --example herd > docs/herd.md` makes the table in the docs.

#[cfg(not(target_arch = "wasm32"))]
mod table {
    use lanescope::experiment::server::{Amount, Fault, Rule, Server, Simulated, When};
    use lanescope::experiment::workload::{Calls, Workload};
    use lanescope::experiment::{Experiment, LaneSpec};
    use lanescope::lab::simulate;
    use lanescope::policy::backoff::Jitter;
    use lanescope::policy::refusal;
    use lanescope::trace::{Kind, LaneTrace, Outcome};

    const CLIENTS: u32 = 100;
    const SEEDS: u64 = 200;
    const KINDS: [(Jitter, &str); 5] = [
        (Jitter::None, "none"),
        (Jitter::Equal, "equal"),
        (Jitter::Full, "full"),
        (Jitter::PlusMinusHalf, "±50 %"),
        (Jitter::Decorrelated, "decorrelated"),
    ];

    /// All clients at once, each trying five times in all, against `server`.
    fn run(seed: u64, jitter: Jitter, server: Simulated) -> LaneTrace {
        let experiment = Experiment {
            version: Experiment::VERSION,
            seed,
            workload: Workload::Calls(Calls { requests: CLIENTS, ..Calls::default() }),
            server: Server::Simulated(Simulated {
                first_byte_millis: Amount::Constant(100.0),
                answer_tokens: Amount::Constant(1.0),
                tokens_per_second: 100_000,
                refusal_millis: 0,
                ..server
            }),
            lanes: vec![LaneSpec { limit: None, jitter, refusals: refusal::Rule::Ignore, ..LaneSpec::default() }],
        };
        simulate(&experiment).map(|mut trace| trace.lanes.remove(0)).unwrap_or_default()
    }

    fn starts(lane: &LaneTrace, is: impl Fn(u8) -> bool) -> Vec<u64> {
        let sent = lane.events.iter().filter(|event| event.kind == Kind::Sent && is(event.tag.attempt));
        sent.map(|event| event.at.0).collect()
    }

    /// The most that fall into any 100 ms.
    fn peak(sorted: &[u64]) -> usize {
        let within = |place: usize| sorted[place..].partition_point(|&at| at < sorted[place] + 100_000);
        (0..sorted.len()).map(within).max().unwrap_or(0)
    }

    fn median<T: Ord + Copy>(mut all: Vec<T>) -> Option<T> {
        all.sort_unstable();
        all.get(all.len() / 2).copied()
    }

    pub(crate) fn print() {
        println!("# The herd\n");
        println!(
            "{CLIENTS} clients, five tries each, first wait 1 s, doubled, own waits alone. Medians of {SEEDS} seeds."
        );
        println!("Made by `cargo run --release --example herd > docs/herd.md`.\n");
        println!("- Peak: all are refused once, at one instant; the most first retries in any 100 ms.");
        println!("- The rest: the server lets 20 through in any second, and refuses the others at once.\n");
        println!("| jitter | peak in 100 ms | calls | last start, s | unserved, % |");
        println!("|---|---|---|---|---|");
        for (jitter, name) in KINDS {
            let (mut peaks, mut calls, mut lasts, mut unserved) = (Vec::new(), Vec::new(), Vec::new(), 0);
            for seed in 0..SEEDS {
                let once = When { first_attempts: Some(1), ..When::default() };
                let refused =
                    Simulated { faults: vec![Rule { when: once, fault: Fault::Status(429) }], ..Simulated::default() };
                peaks.push(peak(&starts(&run(seed, jitter, refused), |attempt| attempt == 2)));

                let quota =
                    Simulated { requests_per_minute: Some(20), quota_window_millis: 1_000, ..Simulated::default() };
                let lane = run(seed, jitter, quota);
                let all = starts(&lane, |_| true);
                calls.push(all.len());
                lasts.push(all.last().copied().unwrap_or(0));
                let failed = |kind: &Kind| *kind == Kind::Ended { outcome: Outcome::Failed };
                unserved += lane.events.iter().filter(|event| failed(&event.kind)).count();
            }
            let tenths = median(lasts).unwrap_or(0).div_ceil(100_000);
            let permille = unserved as u64 * 1_000 / (SEEDS * u64::from(CLIENTS));
            println!(
                "| {name} | {} | {} | {}.{} | {}.{} |",
                median(peaks).unwrap_or(0),
                median(calls).unwrap_or(0),
                tenths / 10,
                tenths % 10,
                permille / 10,
                permille % 10,
            );
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    table::print();
}

#[cfg(target_arch = "wasm32")]
fn main() {}
