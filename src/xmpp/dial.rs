//! How a byte stream to the controller comes about: TCP, or a pipe to the practice grid in this process.

use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream below TLS.
pub trait Link: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Link for T {}

/// What [`Dial::dial`] gives.
pub type Dialing<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Link>>> + Send + 'a>>;

/// Makes byte streams to one controller. Called anew at each attempt.
pub trait Dial: Send + Sync + 'static {
    fn dial(&self) -> Dialing<'_>;

    /// Where it leads, for a person: `grid.example:5222`, `practice grid`.
    fn target(&self) -> String;
}
