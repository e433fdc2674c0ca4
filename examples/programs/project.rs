//! The programs as files: one folder for Python and JavaScript, one Cargo project with a program each for Rust.

use crate::cases::Case;
use lanescope::code::{Language, program};
use lanescope::experiment::course::ROWS;
use lanescope::experiment::lane_preset::LANE_PRESETS;
use lanescope::experiment::plan::Plan;
use lanescope::experiment::workload::{Calls, Workload};
use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What the Rust programs need together; each names its own at its top.
const MANIFEST: &str = r#"[package]
name = "programs"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
futures = "0.3"
rand = "0.9"
regex = "1"
reqwest = { version = "0.12", default-features = false, features = ["json", "rustls-tls"] }
serde_json = "1"
tokio = { version = "1", features = ["full"] }

[profile.dev]
debug = false
incremental = false
"#;

/// The folder of the programs.
pub(crate) struct Project {
    folder: PathBuf,
    python: OsString,
}

impl Project {
    /// Writes the programs of `cases`.
    pub(crate) fn write(cases: &[Case]) -> Result<Self, Box<dyn Error>> {
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), Into::into);
        let folder = target.join("programs");
        let python = env::var_os("LANESCOPE_PYTHON").unwrap_or_else(|| "python3".into());
        let project = Self { folder, python };
        for sub in ["src/bin", "examples", "check"] {
            fs::create_dir_all(project.folder.join(sub))?;
        }
        keep(&project.folder.join("Cargo.toml"), MANIFEST)?;
        for (place, case) in cases.iter().enumerate() {
            let Workload::Calls(calls) = &case.experiment.workload;
            let plan = case.experiment.plans()?.into_iter().next().ok_or("a case has a lane")?;
            for language in Language::ALL {
                let path = project.file(language, place);
                keep(&path, &text(language, &plan, calls))?;
            }
        }
        trim(&project.folder.join("src/bin"), cases.len())?;
        Ok(project)
    }

    /// Builds the programs in Rust.
    pub(crate) fn build(&self) -> Result<(), Box<dyn Error>> {
        eprintln!("building the Rust programs");
        self.cargo(&["build", "--bins"])
    }

    fn file(&self, language: Language, place: usize) -> PathBuf {
        let name = format!("case_{place}.{}", language.ending());
        if language == Language::Rust { self.folder.join("src/bin").join(name) } else { self.folder.join(name) }
    }

    /// What starts the program of a case.
    pub(crate) fn command(&self, language: Language, place: usize) -> Command {
        let file = self.file(language, place);
        match language {
            Language::Python => {
                let mut command = Command::new(&self.python);
                command.arg(file);
                command
            }
            Language::JavaScript => {
                let mut command = Command::new("node");
                command.arg(file);
                command
            }
            Language::Rust => Command::new(self.folder.join("target/debug").join(format!("case_{place}"))),
        }
    }

    /// Has each language's own checker look at the programs of every lane preset and every lane of the course. Gives
    /// how many there are.
    pub(crate) fn check(&self) -> Result<usize, Box<dyn Error>> {
        let mut texts: [BTreeSet<String>; 3] = Default::default();
        for (plan, calls) in lanes()? {
            for (language, texts) in Language::ALL.into_iter().zip(&mut texts) {
                texts.insert(text(language, &plan, &calls));
            }
        }
        let [python, javascript, rust] = &texts;
        eprintln!("checking {} programs more", python.len() + javascript.len() + rust.len());
        let folder = self.folder.join("check");
        for (place, text) in python.iter().enumerate() {
            keep(&folder.join(format!("check_{place}.py")), text)?;
        }
        runs(Command::new(&self.python).args(["-m", "compileall", "-q"]).arg(&folder))?;
        for (place, text) in javascript.iter().enumerate() {
            let path = folder.join(format!("check_{place}.mjs"));
            if keep(&path, text)? {
                runs(Command::new("node").arg("--check").arg(path))?;
            }
        }
        for (place, text) in rust.iter().enumerate() {
            keep(&self.folder.join(format!("examples/check_{place}.rs")), text)?;
        }
        trim(&self.folder.join("examples"), rust.len())?;
        self.cargo(&["check", "--bins", "--examples", "--keep-going"])?;
        Ok(texts.iter().map(BTreeSet::len).sum())
    }

    fn cargo(&self, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&self.folder).args(arguments).args(["--quiet", "--target-dir", "target"]);
        // A warning is a fault of a program that somebody is to take home.
        command.env("RUSTFLAGS", "-D warnings").env_remove("CARGO_TARGET_DIR");
        runs(&mut command)
    }
}

fn runs(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let status = command.status().map_err(|error| io::Error::new(error.kind(), format!("{command:?}: {error}")))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

/// Writes a file, unless it is as it is to be: what was built of it then stands. Says whether it wrote.
fn keep(path: &Path, text: &str) -> io::Result<bool> {
    let is_new = fs::read_to_string(path).ok().as_deref() != Some(text);
    if is_new {
        fs::write(path, text)?;
    }
    Ok(is_new)
}

/// Takes the files of an earlier run away that are more than there are now.
fn trim(folder: &Path, count: usize) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let place = path.file_stem().and_then(|stem| stem.to_str()?.rsplit_once('_')?.1.parse::<usize>().ok());
        if place.is_none_or(|place| place >= count) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn text(language: Language, plan: &Plan, calls: &Calls) -> String {
    program(language, language.template(), plan, calls).text()
}

/// Every lane preset, with single calls and with chains, and every lane of the course.
fn lanes() -> Result<Vec<(Plan, Calls)>, Box<dyn Error>> {
    let mut lanes = Vec::new();
    let chains = Calls { steps: vec!["Research this.".into(), "".into()], ..Calls::default() };
    for preset in LANE_PRESETS {
        for calls in [Calls::default(), chains.clone()] {
            lanes.push((preset.lane().validate()?, calls));
        }
    }
    for row in ROWS {
        let experiment = row.experiment();
        let Workload::Calls(calls) = &experiment.workload;
        lanes.extend(experiment.plans()?.into_iter().map(|plan| (plan, calls.clone())));
    }
    Ok(lanes)
}
