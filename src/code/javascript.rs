//! A lane in JavaScript, with promises.

use super::{Gate, Line, Numbers, Program, Step};
use crate::experiment::plan::Plan;
use crate::policy::backoff::Jitter;

pub(super) fn sketch(plan: &Plan) -> Vec<Line> {
    let n = Numbers::of(plan);
    let mut p = Program::new();
    if let Some(limit) = n.limit {
        p.line(format!("const semaphore = new Semaphore({limit});"));
    }
    let gates = n.gates();
    for Gate { name, class, figures } in &gates {
        let figures: Vec<String> = figures.iter().map(|(_, figure)| figure.clone()).collect();
        p.line(format!("const {name} = new {class}({});", figures.join(", ")));
    }
    if !p.0.is_empty() {
        p.line("");
    }
    p.line("async function ask(prompt) {");
    let around = n.limit.is_some() && n.keeps_permit;
    let inside = n.limit.is_some() && !n.keeps_permit;
    let pad = if around { "  " } else { "" };
    if around {
        p.at(Step::Queue, "  await semaphore.acquire();").line("  try {");
    }
    if n.jitter == Jitter::Decorrelated && n.tries > 1 {
        p.line(format!("{pad}  let own = {};", n.first));
    }
    p.line(format!("{pad}  for (let k = 0; ; k++) {{"));
    if inside {
        p.at(Step::Queue, "    await semaphore.acquire();");
    }
    p.line(format!("{pad}    try {{"));
    for Gate { name, .. } in &gates {
        p.at(Step::Queue, format!("{pad}      await {name}.acquire();"));
    }
    p.at(Step::Call, format!("{pad}      const answer = await call(prompt, {{ timeout: {} }});", n.timeout_secs));
    if inside {
        p.line("      semaphore.release();");
    }
    p.at(Step::Answer, format!("{pad}      return answer;"));
    p.line(format!("{pad}    }} catch (e) {{"));
    if inside {
        p.line("      semaphore.release();  // not held while asleep");
    }
    p.at(Step::GiveUp, format!("{pad}      if (!e.retryable || k + 1 === {}) throw e;", n.tries));
    back_off(&mut p, &n, &format!("{pad}      "));
    p.line(format!("{pad}    }}"));
    p.line(format!("{pad}  }}"));
    if around {
        p.line("  } finally { semaphore.release(); }");
    }
    p.line("}").line("");
    if n.sequential {
        p.line("const answers = [];");
        p.at(Step::Queue, "for (const p of prompts) answers.push(await ask(p).catch((e) => e));");
    } else {
        p.line("const answers = await Promise.allSettled(prompts.map(ask));");
    }
    p.0
}

fn back_off(p: &mut Program, n: &Numbers, pad: &str) {
    if n.tries == 1 {
        return;
    }
    let nominal = n.nominal(&format!("{} ** k", n.base));
    let (declare, drawn) = match n.jitter {
        Jitter::None => ("const ", nominal),
        Jitter::Full => ("const ", format!("uniform(0, {nominal})")),
        Jitter::Equal => ("const ", format!("uniform(0.5, 1) * {nominal}")),
        Jitter::PlusMinusHalf => ("const ", format!("uniform(0.5, 1.5) * {nominal}")),
        Jitter::Decorrelated => ("", format!("uniform({}, 3 * own)", n.first)),
    };
    p.line(format!("{pad}{declare}own = Math.min({}, {drawn});", n.cap));
    let asked = if n.honours { "(e.delay ?? 0) + " } else { "" };
    p.at(Step::BackOff, format!("{pad}await sleep({asked}own);"));
}
