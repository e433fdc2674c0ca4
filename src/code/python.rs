//! A lane in Python, with asyncio.

use super::{Gate, Line, Numbers, Program, Step};
use crate::experiment::plan::Plan;
use crate::policy::backoff::Jitter;

pub(super) fn sketch(plan: &Plan) -> Vec<Line> {
    let n = Numbers::of(plan);
    let mut p = Program::new();
    if let Some(limit) = n.limit {
        p.line(format!("semaphore = asyncio.Semaphore({limit})"));
    }
    let gates = n.gates();
    for Gate { name, class, figures } in &gates {
        let figures: Vec<String> = figures.iter().map(|(name, figure)| format!("{name}={figure}")).collect();
        p.line(format!("{name} = {class}({})", figures.join(", ")));
    }
    if !p.0.is_empty() {
        p.line("");
    }
    p.line("async def ask(prompt):");
    let around = n.limit.is_some() && n.keeps_permit;
    let inside = n.limit.is_some() && !n.keeps_permit;
    let pad = if around { "    " } else { "" };
    if around {
        p.at(Step::Queue, "    async with semaphore:");
    }
    p.line(format!("{pad}    for k in range({}):", n.tries));
    p.line(format!("{pad}        try:"));
    let within = if inside { "    " } else { "" };
    let call = format!("call(prompt, timeout={})", n.timeout_secs);
    if inside {
        p.at(Step::Queue, "            async with semaphore:");
    }
    for Gate { name, .. } in &gates {
        p.at(Step::Queue, format!("{pad}{within}            await {name}.acquire()"));
    }
    if inside {
        p.at(Step::Call, format!("                answer = await {call}"));
    } else {
        p.at(Step::Call, format!("{pad}            answer = await {call}"));
    }
    p.at(Step::Answer, format!("{pad}            return answer"));
    p.line(format!("{pad}        except Refused as e:"));
    p.line(format!("{pad}            if not e.retryable or k == {}:", n.tries - 1));
    p.at(Step::GiveUp, format!("{pad}                raise"));
    if n.tries > 1 {
        let own = own_wait(&n);
        p.line(format!("{pad}            own = {own}"));
        let asked = if n.honours { "(e.delay or 0) + " } else { "" };
        p.at(Step::BackOff, format!("{pad}            await asyncio.sleep({asked}own)"));
    }
    p.line("");
    if n.sequential {
        p.line("answers = []").line("for p in prompts:").line("    try:");
        p.at(Step::Queue, "        answers.append(await ask(p))");
        p.line("    except Refused as e:").line("        answers.append(e)");
    } else {
        p.line("answers = await asyncio.gather(");
        p.line("    *[ask(p) for p in prompts], return_exceptions=True)");
    }
    p.0
}

fn own_wait(n: &Numbers) -> String {
    let nominal = n.nominal(&format!("{}**k", n.base));
    let drawn = match n.jitter {
        Jitter::None => nominal,
        Jitter::Full => format!("uniform(0, {nominal})"),
        Jitter::Equal => format!("uniform(0.5, 1) * {nominal}"),
        Jitter::PlusMinusHalf => format!("uniform(0.5, 1.5) * {nominal}"),
        Jitter::Decorrelated => format!("uniform({}, 3 * own if k else {})", n.first, n.thrice_first),
    };
    format!("min({}, {drawn})", n.cap)
}
