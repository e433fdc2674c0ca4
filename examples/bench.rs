//! What a simulated item and an event cost, natively. Prints one JSON object; `make bench` puts it into
//! its table.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let figures = measure::median_of(5)?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod measure {
    use lanescope::experiment::server::{Amount, Server, Simulated};
    use lanescope::experiment::workload::{Calls, Workload};
    use lanescope::experiment::{Experiment, LaneSpec};
    use lanescope::lab::{SimulateError, simulate};
    use lanescope::trace::{Event, LaneTrace};
    use serde::Serialize;

    const ITEMS: u32 = 100_000;

    #[derive(Serialize)]
    pub(crate) struct Figures {
        items_per_second: f64,
        events_per_item: f64,
        bytes_per_event: f64,
    }

    /// A burst of 100 000 items through 50 permits, each answered in one piece.
    fn burst() -> Experiment {
        let figures = Simulated {
            first_byte_millis: Amount::LogNormal { median: 80.0, p95: 240.0 },
            answer_tokens: Amount::Constant(1.0),
            ..Simulated::default()
        };
        Experiment {
            version: Experiment::VERSION,
            seed: 1,
            workload: Workload::Calls(Calls { requests: ITEMS, ..Calls::default() }),
            server: Server::Simulated(figures),
            lanes: vec![LaneSpec::concurrent(50)],
        }
    }

    pub(crate) fn median_of(runs: usize) -> Result<Figures, SimulateError> {
        let (mut secs, mut lane) = (Vec::new(), LaneTrace::default());
        for _ in 0..runs {
            #[allow(clippy::disallowed_methods, reason = "a benchmark is about the wall clock")]
            let began = std::time::Instant::now();
            lane = simulate(&burst())?.lanes.remove(0);
            secs.push(began.elapsed().as_secs_f64());
        }
        secs.sort_by(f64::total_cmp);
        Ok(Figures {
            items_per_second: f64::from(ITEMS) / secs[runs / 2],
            events_per_item: as_f64(lane.events.len()) / f64::from(ITEMS),
            bytes_per_event: as_f64(bytes(&lane)) / as_f64(lane.events.len()),
        })
    }

    /// What the lane's record holds, room it has reserved included.
    fn bytes(lane: &LaneTrace) -> usize {
        lane.events.capacity() * size_of::<Event>()
            + lane.text.capacity()
            + lane.answers.capacity() * size_of::<lanescope::trace::Answer>()
    }

    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    fn as_f64(n: usize) -> f64 {
        n as f64
    }
}
