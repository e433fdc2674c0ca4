//! The code panel's programs, run against the stand-in and held against the engine.
//!
//! ```text
//! cargo run --example programs             # all cases in all languages
//! cargo run --example programs -- bucket   # those with this in their names
//! ```
//!
//! For every case the engine's own simulation says which calls go out, when, and how long each is there. The program
//! of the same lane, in Python, JavaScript and Rust, then asks the stand-in, which keeps the same server's figures in
//! real time, and its log must tell the same: as many attempts, as many refusals, the same peak, the same order of
//! starts, and every start at its time. One that disagrees is run twice more and must then agree both times. Besides, the
//! programs of every lane preset and every lane of the course must be sound for their language's own checker.

#[cfg(not(target_arch = "wasm32"))]
mod cases;
#[cfg(not(target_arch = "wasm32"))]
mod compare;
#[cfg(not(target_arch = "wasm32"))]
mod project;
#[cfg(not(target_arch = "wasm32"))]
mod run;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../gemini_server/stand_in/mod.rs"]
mod stand_in;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    match report() {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// Prints the table. Says whether all agree.
#[cfg(not(target_arch = "wasm32"))]
fn report() -> Result<bool, Box<dyn std::error::Error>> {
    use lanescope::code::Language;

    let wanted = std::env::args().nth(1).unwrap_or_default().to_lowercase();
    let cases: Vec<_> = cases::all().into_iter().filter(|case| case.name.to_lowercase().contains(&wanted)).collect();
    let project = project::Project::write(&cases)?;
    let checked = if wanted.is_empty() { project.check()? } else { 0 };
    project.build()?;
    let compared = run::all(&project, &cases);
    println!("| lane | language | attempts | peak | order | latest | agrees |\n|---|---|--:|--:|---|--:|---|");
    let mut agreeing = 0;
    for (case, rows) in cases.iter().zip(compared.chunks(Language::ALL.len())) {
        for (language, row) in Language::ALL.into_iter().zip(rows) {
            agreeing += usize::from(row.agrees());
            println!("| {} | {} | {row} |", case.name, language.name());
        }
    }
    if checked > 0 {
        println!("\n{checked} more programs are sound for their language.");
    }
    println!("\n{agreeing} of {} agree", compared.len());
    Ok(agreeing == compared.len())
}

/// There are no programs to run in a page.
#[cfg(target_arch = "wasm32")]
fn main() {}
