//! The stand-in: connections in, answers out.
//!
//! | file | holds |
//! |---|---|
//! | `setup` | what a round begins with, and how a reset changes it |
//! | `round` | the simulated server of a round, and the log of what it saw |
//! | `answer` | from a request to its answer |
//! | `models` | the models that are offered |
//! | `problem` | what Google says to a wrong key, model or request |
//! | `cors` | which pages may ask and read |
//! | `body` | a body that comes at its time |
//! | `backstage` | the paths that only tests know |

mod answer;
mod backstage;
mod body;
mod cors;
mod models;
mod problem;
mod round;
mod setup;

pub(crate) use setup::Setup;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use models::Models;
use round::Round;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What is offered, and the round that is on.
pub(crate) struct StandIn {
    models: Models,
    round: Mutex<Arc<Round>>,
}

impl StandIn {
    /// A stand-in that offers `models`, or the usual ones if there are none.
    pub(crate) fn new(setup: Setup, models: &[String]) -> Arc<Self> {
        Arc::new(Self { models: Models::new(models), round: Mutex::new(Arc::new(Round::new(setup))) })
    }

    fn round(&self) -> Arc<Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a new round. What is still under way ends in the old one.
    fn begin(&self, setup: Setup) {
        *self.round.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(Round::new(setup));
    }
}

/// Serves whoever comes, for ever.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, stand_in: Arc<StandIn>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open, mostly: some will be closed in a while.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        tokio::spawn(welcome(stream, tls.clone(), stand_in.clone()));
    }
}

async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, stand_in: Arc<StandIn>) {
    // A small piece must not wait for the next one to go out with it.
    let _ = stream.set_nodelay(true);
    match tls {
        None => talk(stream, stand_in).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                talk(stream, stand_in).await;
            }
        }
    }
}

async fn talk<S>(stream: S, stand_in: Arc<StandIn>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| answer::answer(stand_in.clone(), request));
    // An error is a caller who has left, or a connection that was to break.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}
