//! Long work that tells how far it is, apart from the window's thread.

use iced::Task;
use iced::futures::{SinkExt, Stream};

/// Words on the way that wait for the window.
const WORDS: usize = 16;

/// Runs it apart. What it tells becomes messages where there is room for them, which it is told; what it gives always does.
/// `broken` is said where it died.
pub fn work<M: Send + 'static>(
    broken: M,
    work: impl FnOnce(&mut dyn FnMut(M) -> bool) -> M + Send + 'static,
) -> Task<M> {
    let stream: Box<dyn Stream<Item = M> + Send + Unpin> =
        Box::new(Box::pin(iced::stream::channel(WORDS, async move |mut sender| {
            let mut progress = sender.clone();
            let work = tokio::task::spawn_blocking(move || work(&mut |message| progress.try_send(message).is_ok()));
            let _ = sender.send(work.await.unwrap_or(broken)).await;
        })));
    Task::stream(stream)
}
