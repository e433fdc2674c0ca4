//! The third door: the simulated Gemini over a socket, in real time.
//!
//! The same server and the same bytes as in the simulation, for browsers and for clients that are not
//! ours. Here the order of arrival keys the luck, since no tag travels on the wire.
//!
//! ```text
//! cargo run --example gemini_server -- --help
//! ```

#[cfg(not(target_arch = "wasm32"))]
mod options;
#[cfg(not(target_arch = "wasm32"))]
mod rule;
#[cfg(not(target_arch = "wasm32"))]
mod stand_in;
#[cfg(not(target_arch = "wasm32"))]
mod tls;

#[cfg(not(target_arch = "wasm32"))]
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    use std::process::ExitCode;

    let options = match options::read(std::env::args().skip(1)) {
        Ok(options::Asked::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(options::Asked::Serve(options)) => options,
        Err(error) => {
            eprintln!("{error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match run(*options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves for as long as it is let.
#[cfg(not(target_arch = "wasm32"))]
async fn run(options: options::Options) -> Result<(), Box<dyn std::error::Error>> {
    let tls = options.tls.then(tls::acceptor).transpose()?;
    // This machine only: it takes any key, and says so to nobody else.
    let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, options.port)).await?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("listening on {scheme}://127.0.0.1:{}", listener.local_addr()?.port());
    stand_in::serve(listener, tls, stand_in::StandIn::new(options.setup, &options.models)).await;
    Ok(())
}

/// There are no sockets in a page.
#[cfg(target_arch = "wasm32")]
fn main() {}
