//! What a simulated item and an event cost, natively. Prints one JSON object; `make bench` puts it into
//! its table. `bench <kind> <items> <runs>` prints the least milliseconds of one kind of run; kinds: schedule, burst,
//! poisson, retries.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
#[path = "bench/loads.rs"]
mod loads;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if let [kind, items, runs] = &given[..] {
        println!("{:.1}", measure::least_of(kind, items.parse()?, runs.parse()?)?);
    } else {
        println!("{}", serde_json::to_string(&measure::median_of(5)?)?);
    }
    Ok(())
}

#[cfg(not(target_arch = "wasm32"))]
mod measure {
    use crate::loads;
    use lanescope::sim::clock::SimClock;
    use lanescope::sim::executor::Simulation;
    use lanescope::trace::LaneTrace;
    use serde::Serialize;
    use std::error::Error;

    const ITEMS: u32 = 100_000;

    #[derive(Serialize)]
    pub(crate) struct Figures {
        items_per_second: f64,
        events_per_item: f64,
        bytes_per_event: f64,
    }

    pub(crate) fn median_of(runs: usize) -> Result<Figures, Box<dyn Error>> {
        let (mut secs, mut lane) = (Vec::new(), LaneTrace::default());
        for _ in 0..runs {
            let (took, ran) = timed("burst", ITEMS)?;
            secs.push(took);
            lane = ran;
        }
        secs.sort_by(f64::total_cmp);
        Ok(Figures {
            items_per_second: f64::from(ITEMS) / secs[runs / 2],
            events_per_item: as_f64(lane.events.len()) / f64::from(ITEMS),
            bytes_per_event: loads::bytes_an_event(&lane) + as_f64(lane.text.capacity()) / as_f64(lane.events.len()),
        })
    }

    pub(crate) fn least_of(kind: &str, items: u32, runs: usize) -> Result<f64, Box<dyn Error>> {
        let secs = (0..runs).map(|_| Ok(timed(kind, items)?.0)).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        Ok(secs.into_iter().fold(f64::INFINITY, f64::min) * 1_000.0)
    }

    /// The seconds that a run of that kind takes, and its record.
    fn timed(kind: &str, items: u32) -> Result<(f64, LaneTrace), Box<dyn Error>> {
        #[allow(clippy::disallowed_methods, reason = "a benchmark is about the wall clock")]
        let began = std::time::Instant::now();
        let lane = if kind == "schedule" {
            let clock = SimClock::default();
            Simulation::new(clock.clone(), loads::schedule(items, 50, clock)).run().ok_or("it stalled")??
        } else {
            loads::traced(kind, items)?.ok_or("no such kind")?.lanes.remove(0)
        };
        Ok((began.elapsed().as_secs_f64(), lane))
    }

    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    fn as_f64(n: usize) -> f64 {
        n as f64
    }
}
