//! The programs as files, and what they print when they run.

use lanescope::code::{Language, script};
use lanescope::experiment::script::{Dialect, Program};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, io, thread};

/// A folder of programs.
pub(crate) struct Real {
    folder: PathBuf,
}

const CARGO: &str = r#"[package]
name = "scripts"
edition = "2024"

[dependencies]
futures = "0.3"
tokio = { version = "1", features = ["full"] }

[profile.dev]
debug = false

[workspace]
"#;

/// A program that never ends is stopped then; it has printed all by then.
const STUCK: Duration = Duration::from_secs(2);
/// One that ends has as long as a busy machine may need.
const PATIENCE: Duration = Duration::from_secs(30);

/// The language of a dialect.
fn language(dialect: Dialect) -> Language {
    match dialect {
        Dialect::Asyncio => Language::Python,
        Dialect::Promises => Language::JavaScript,
        Dialect::TokioOneThread | Dialect::TokioManyThreads => Language::Rust,
    }
}

impl Real {
    /// Writes each program in all dialects, and builds those that are built.
    pub(crate) fn made<'a>(programs: impl Iterator<Item = (&'a str, &'a Program)>) -> io::Result<Self> {
        let real = Self { folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scripts") };
        for folder in ["src/bin", "python", "javascript"].map(|name| real.folder.join(name)) {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
        }
        fs::write(real.folder.join("Cargo.toml"), CARGO)?;
        for (name, program) in programs {
            for dialect in Dialect::ALL {
                let lines = script::program(language(dialect), program, dialect);
                let text: String = lines.into_iter().map(|line| line.text + "\n").collect();
                fs::write(real.path(name, dialect), text)?;
            }
        }
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--target-dir", "build"]).current_dir(&real.folder);
        if !cargo.status()?.success() {
            return Err(io::Error::other("a program of Rust can't be built"));
        }
        Ok(real)
    }

    fn path(&self, name: &str, dialect: Dialect) -> PathBuf {
        let sources = self.folder.join("src/bin");
        match dialect {
            Dialect::Asyncio => self.folder.join(format!("python/{name}.py")),
            Dialect::Promises => self.folder.join(format!("javascript/{name}.mjs")),
            Dialect::TokioOneThread => sources.join(format!("{name}-one.rs")),
            Dialect::TokioManyThreads => sources.join(format!("{name}-many.rs")),
        }
    }

    fn command(&self, name: &str, dialect: Dialect, is_stuck: bool) -> Command {
        let path = self.path(name, dialect);
        match language(dialect) {
            Language::Python => {
                let mut python = Command::new("python3");
                if is_stuck {
                    // What is stopped keeps no lines for its end. Else it may: unbuffered, the lines of threads mix.
                    python.arg("-u");
                }
                python.env_remove("PYTHONUNBUFFERED").arg(path);
                python
            }
            Language::JavaScript => {
                let mut node = Command::new("node");
                // As a browser has it: a failure that nobody awaits is told of, and the program goes on.
                node.arg("--unhandled-rejections=warn").arg(path);
                node
            }
            Language::Rust => {
                let built = self.folder.join("build/debug").join(path.file_stem().unwrap_or_default());
                let mut command = Command::new(built);
                // However few cores there are: the others go on while one computes.
                command.env("TOKIO_WORKER_THREADS", "8");
                command
            }
        }
    }

    /// What it prints until it ends; one that is stuck is stopped.
    pub(crate) fn lines(&self, name: &str, dialect: Dialect, is_stuck: bool) -> io::Result<Vec<String>> {
        let mut child = self.command(name, dialect, is_stuck).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let stdout = child.stdout.take();
        let (ended, end) = mpsc::channel();
        let reader = thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.map_or(Ok(0), |mut stdout| stdout.read_to_string(&mut text));
            let _ = ended.send(());
            read.map(|_| text)
        });
        if end.recv_timeout(if is_stuck { STUCK } else { PATIENCE }).is_err() {
            child.kill()?;
        }
        child.wait()?;
        let text = reader.join().map_err(|_| io::Error::other("the reader has failed"))??;
        Ok(text.lines().map(str::to_owned).collect())
    }
}
