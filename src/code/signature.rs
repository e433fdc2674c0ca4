//! What the functions of a program are given, and what they hand on.
//!
//! A function has what it and those below it need: the prompt always; the model where there are several; the item's
//! number where its slot, its place in a line or its time hangs on it; the moment until which it may take; the step,
//! where the first one differs; and in JavaScript the signal that ends a call.

use super::Language::{self, JavaScript, Python, Rust};
use super::facts::Facts;

/// Which of these the functions need.
#[allow(clippy::struct_excessive_bools, reason = "each says whether a parameter is there")]
pub(super) struct Signature {
    language: Language,
    /// Models side by side: each item has its own.
    sides: usize,
    model: bool,
    number: bool,
    /// The number for the outermost functions.
    outer_number: bool,
    until: bool,
    step: bool,
    signal: bool,
    workers: bool,
}

impl Signature {
    pub(super) fn of(language: Language, facts: &Facts, models: usize) -> Self {
        let sides = if models > 1 { models } else { 0 };
        let number =
            facts.hold("slotsown|lineown ranked|fair") || facts.is("processes") || sides > 0 && facts.is("bymodel");
        Self {
            language,
            sides,
            model: sides > 0 || facts.is("models"),
            number,
            outer_number: number || facts.hold("every !workers") || facts.hold("deadline seq"),
            until: facts.is("deadline"),
            step: facts.is("stepped"),
            signal: language == JavaScript && facts.hold("races|hedge|deadline"),
            workers: facts.is("workers"),
        }
    }

    /// The parameters that are there, in their order; typed, as a definition in Rust has them.
    fn list(
        &self,
        prompt: &str,
        model: Option<&str>,
        number: bool,
        until: bool,
        step: Option<&str>,
        typed: bool,
    ) -> String {
        let rust = typed && self.language == Rust;
        let typed = |name: &str, kind: &str| if rust { format!("{name}: {kind}") } else { name.to_owned() };
        let mut list = vec![typed(prompt, "&str")];
        list.extend(model.map(|model| typed(model, "&str")));
        list.extend(number.then(|| typed("i", "usize")));
        list.extend(until.then(|| typed("until", "Instant")));
        list.extend(step.map(|step| typed(step, "usize")));
        list.join(", ")
    }

    /// The same with the signal of a call, where there is one.
    fn with_signal(&self, list: String, signal: &str) -> String {
        if self.signal { format!("{list}, {signal}") } else { list }
    }

    /// Puts all of them where the templates have their holes.
    pub(super) fn put(self, facts: &mut Facts) {
        let model = self.model.then_some("model");
        let side = (self.sides > 0).then_some("model");
        let first = (self.sides > 0).then_some("first");
        let step = self.step.then_some("step");
        let (number, until) = (self.number, self.until);
        // The first model: in the function that asks the others, and wherever there is only the number.
        let constant = if self.sides == 0 { "MODEL".to_owned() } else { format!("MODELS[i % {}]", self.sides) };
        let main = if self.sides == 0 { "MODEL" } else { "first" };
        let main_model = if self.model { Some(main) } else { None };
        let text = match (self.language, facts.is("blanks")) {
            (Python, false) => r#"f"{instruction}\n\n{text}""#,
            (Python, true) => r#"f"{instruction}\n\n{text}" if instruction else text"#,
            (JavaScript, false) => r"`${instruction}\n\n${text}`",
            (JavaScript, true) => r"instruction ? `${instruction}\n\n${text}` : text",
            (Rust, false) => r#"&format!("{instruction}\n\n{text}")"#,
            (Rust, true) => r#"&if instruction.is_empty() { text } else { format!("{instruction}\n\n{text}") }"#,
        };
        let item_until = until && self.workers;
        let s = |list: String| self.with_signal(list, "signal");
        for typed in [false, true] {
            let lists = [
                ("asked", s(self.list("prompt", model, false, false, None, typed))),
                ("copied", s(self.list("prompt", model, number, false, None, typed))),
                ("args", s(self.list("prompt", model, number, until, step, typed))),
                ("given", s(self.list("prompt", first, number, until, step, typed))),
                ("chaingiven", s(self.list("prompt", side, number, until, None, typed))),
                ("itemgiven", s(self.list("prompt", side, self.outer_number, item_until, None, typed))),
            ];
            for (name, list) in lists {
                facts.put(if typed { defined(name) } else { name }, list);
            }
        }
        // In JavaScript a copy has a signal of its own, which hears the one that is given.
        let outer_signal = self.with_signal(self.list("prompt", model, number, false, None, false), "outer");
        facts.put("copiedouter", outer_signal);
        facts.put("mainargs", s(self.list("prompt", main_model, number, until, step, false)));
        facts.put("steppargs", s(self.list(text, side, number, until, step, false)));
        facts.put("inneritem", s(self.list("prompt", side, number, until, None, false)));
        facts.put("main", main);
        facts.put("bymain", constant);
        self.put_outermost(facts, item_until);
        self.put_slot(facts);
        self.put_again(facts);
    }

    /// How main begins an item.
    fn put_outermost(&self, facts: &mut Facts, item_until: bool) {
        let side_model = format!("MODELS[i % {}]", self.sides);
        let passes =
            self.list("p", (self.sides > 0).then_some(&*side_model), self.outer_number, item_until, None, false);
        let passes = self.with_signal(passes, "stop.signal");
        let numbered = self.sides > 0 || self.outer_number;
        let outer = facts.holes.get("outer").unwrap_or_default().to_owned();
        facts.put("one", format!("{outer}({passes})"));
        facts.put("each", if passes == "p" { outer.clone() } else { format!("(p, i) => {outer}({passes})") });
        facts.put("ended", format!("{}{outer}({passes})", if numbered { "(p, i) => " } else { "(p) => " }));
        facts.put("handon", format!("hand_on({passes})"));
        facts.set("numbered", numbered);
        facts.put("all", if numbered { "i, p in enumerate(PROMPTS)" } else { "p in PROMPTS" });
        facts.put("askedmodel", if self.model { "model" } else { "MODEL" });
        facts.put("signal", if self.signal { "signal" } else { "stop.signal" });
        facts.set("signals", self.signal);
        facts.put("took", if self.until { "i, p, until" } else { "i, p" });
    }

    /// The slot, the line before the rates, and the pass of the breaker.
    fn put_slot(&self, facts: &mut Facts) {
        let constants = self.language == Rust;
        let ranks = facts.holes.get("rankcount").unwrap_or("1");
        let who = if facts.is("ranked") {
            format!("RANKS[i % {ranks}]")
        } else if facts.is("fair") {
            "TENANTS[i]".to_owned()
        } else {
            "0".to_owned()
        };
        let semaphore = match (facts.is("processes"), constants) {
            (false, false) => "semaphore".to_owned(),
            (false, true) => "SEMAPHORE".to_owned(),
            (true, false) => format!("semaphores[i % {}]", facts.holes.get("processes").unwrap_or_default()),
            (true, true) => format!("SEMAPHORES[i % {}]", facts.holes.get("processes").unwrap_or_default()),
        };
        let is_own = facts.is("slotsown");
        facts.put(
            "slot",
            match (is_own, self.language) {
                (true, Python) => format!("{semaphore}.turn({who})"),
                _ => semaphore.clone(),
            },
        );
        let given = if facts.hold("ranked|fair") { who.as_str() } else { "" };
        facts.put(
            "slotacquire",
            if is_own {
                format!("{semaphore}.acquire({given}).await")
            } else {
                format!("{semaphore}.acquire().await.expect(\"never closed\")")
            },
        );
        facts.put("slotwho", if is_own { who.clone() } else { String::new() });
        facts.put("linewho", if facts.is("lineown") { "i" } else { "" });
        facts.put(
            "linegiven",
            match (facts.is("lineown"), constants) {
                (false, _) => "",
                (true, false) => "i",
                (true, true) => "i: usize",
            },
        );
        facts.put("who", who);
        facts.set("passes", facts.is("breaker"));
        facts.put("passed", if facts.is("breaker") { ", passed" } else { "" });
        facts.put(
            "passeddef",
            if !facts.is("breaker") {
                ""
            } else if constants {
                ", passed: Pass"
            } else {
                ", passed"
            },
        );
    }

    /// When an attempt with the slot in its hand has to pass the rates, which others pass before the slot.
    fn put_again(&self, facts: &mut Facts) {
        let is_other = if self.language == JavaScript { "model !== MODEL" } else { "model != MODEL" };
        let again = [("k > 0", facts.is("retries")), (is_other, facts.is("models")), ("step > 0", self.step)];
        let again: Vec<&str> = again.into_iter().filter(|(_, can_be)| *can_be).map(|(is, _)| is).collect();
        facts.set("again", facts.hold("late !inside") && !again.is_empty());
        let or = if self.language == Python { " or " } else { " || " };
        let again = again.join(or);
        let main = facts.holes.get("bymain").unwrap_or("MODEL").to_owned();
        facts.put("orelse", again.replace("MODEL", &main));
    }
}

/// The hole of a list with the types that Rust has.
fn defined(name: &str) -> &'static str {
    match name {
        "asked" => "askeddef",
        "copied" => "copieddef",
        "args" => "argsdef",
        "given" => "givendef",
        "chaingiven" => "chaindef",
        _ => "itemdef",
    }
}
