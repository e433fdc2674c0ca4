//! A lane in Rust, with tokio.

use super::{Gate, Line, Numbers, Program, Step};
use crate::experiment::plan::Plan;
use crate::policy::backoff::Jitter;

pub(super) fn sketch(plan: &Plan) -> Vec<Line> {
    let n = Numbers::of(plan);
    let mut p = Program::new();
    if let Some(limit) = n.limit {
        p.line(format!("let semaphore = Semaphore::new({limit});"));
    }
    let gates = n.gates();
    for Gate { name, class, figures } in &gates {
        let figures: Vec<String> = figures.iter().map(|(_, figure)| figure.clone()).collect();
        p.line(format!("let {name} = {class}::new({});", figures.join(", ")));
    }
    if !p.0.is_empty() {
        p.line("");
    }
    p.line("let ask = async |prompt| {");
    if n.limit.is_some() && n.keeps_permit {
        p.at(Step::Queue, "    let _permit = semaphore.acquire().await?;");
    }
    if n.jitter == Jitter::Decorrelated && n.tries > 1 {
        p.line(format!("    let mut own = {}_f64;", n.first));
    }
    p.line("    let mut k = 0;").line("    loop {");
    if n.limit.is_some() && !n.keeps_permit {
        p.at(Step::Queue, "        let permit = semaphore.acquire().await?;");
    }
    for Gate { name, .. } in &gates {
        p.at(Step::Queue, format!("        {name}.acquire().await;"));
    }
    p.line(format!("        let limit = Duration::from_secs_f64({}_f64);", n.timeout_secs));
    p.at(Step::Call, "        let tried = timeout(limit, call(prompt)).await;");
    p.line("        let e = match tried.map_err(Refused::from).flatten() {");
    p.at(Step::Answer, "            Ok(answer) => return Ok(answer),");
    p.at(Step::GiveUp, format!("            Err(e) if !e.retryable || k + 1 == {} => return Err(e),", n.tries));
    p.line("            Err(e) => e,").line("        };");
    if n.limit.is_some() && !n.keeps_permit {
        p.line("        drop(permit); // not held while asleep");
    }
    if n.tries > 1 {
        let declare = if n.jitter == Jitter::Decorrelated { "" } else { "let " };
        p.line(format!("        {declare}own = {};", own_wait(&n)));
        let asked = if n.honours { "e.delay.unwrap_or_default() + " } else { "" };
        p.at(Step::BackOff, format!("        sleep({asked}Duration::from_secs_f64(own)).await;"));
        p.line("        k += 1;");
    }
    p.line("    }").line("};").line("");
    if n.sequential {
        p.line("for p in prompts {");
        p.at(Step::Queue, "    answers.push(ask(p).await);");
        p.line("}");
    } else {
        p.line("let answers = join_all(prompts.map(ask)).await;");
    }
    p.0
}

fn own_wait(n: &Numbers) -> String {
    let nominal = format!("{}_f64 * {}_f64.powi(k)", n.first, n.base);
    let drawn = match n.jitter {
        Jitter::None => format!("({nominal})"),
        Jitter::Full => format!("rng.random_range(0.0..={nominal})"),
        Jitter::Equal => format!("(rng.random_range(0.5..=1.0) * {nominal})"),
        Jitter::PlusMinusHalf => format!("(rng.random_range(0.5..=1.5) * {nominal})"),
        Jitter::Decorrelated => format!("rng.random_range({}_f64..=3.0 * own)", n.first),
    };
    format!("{drawn}.min({}_f64)", n.cap)
}
