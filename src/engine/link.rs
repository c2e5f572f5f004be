//! The tasks on both halves of a session's stream: one reads and frames, one writes. Neither ever waits for the other,
//! so a peer that stops reading cannot stop us reading.
//!
//! May use `xmpp::stream` and `engine::outgoing`.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use tokio::io::{AsyncRead, AsyncWrite};

use super::outgoing::{Outgoing, Piece, Turn};
use crate::xmpp::stream::{Error, Reader, Sender};
use crate::xmpp::xml::{Frame, Stanza};

/// Stanzas in one piece of reading.
const PIECE: usize = 128;
/// Pieces that may wait: with stanzas of 1 MiB the gate's cap rules, with small ones this.
const PIECES: usize = 8;
/// Longest goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// What the reading task tells.
#[derive(Debug)]
pub(super) enum Heard {
    Stanzas(Vec<Stanza>),
    /// The stream is over; nothing follows.
    Over(Error),
}

/// Both tasks. Dropping it cuts the link without a word.
#[derive(Debug)]
pub(super) struct Link {
    pub heard: mpsc::Receiver<Heard>,
    outgoing: Outgoing,
    /// Ends when the writing does.
    pub writes: mpsc::Receiver<Infallible>,
    reading: JoinHandle<()>,
    writing: JoinHandle<()>,
}

impl Link {
    /// Carries what a session has to say. `stuck` is the longest wait for the peer to take what we write.
    pub(super) fn new<R, W>(reader: Reader<R>, sender: Sender<W>, outgoing: &Outgoing, stuck: Duration) -> Self
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (tell, heard) = mpsc::channel(PIECES);
        let (alive, writes) = mpsc::channel(1);
        let reading = tokio::spawn(read(reader, tell));
        let (queue, turn) = (outgoing.clone(), outgoing.attach());
        let writing = tokio::spawn(async move {
            write(sender, queue, turn, stuck).await;
            drop(alive);
        });
        Self { heard, outgoing: outgoing.clone(), writes, reading, writing }
    }

    /// Says goodbye and waits until it is said, at most two seconds.
    pub(super) async fn close(mut self) {
        self.outgoing.close();
        let _ = timeout(GOODBYE * 2, self.writes.recv()).await;
    }

    /// Leaves with these words, a stream error.
    pub(super) async fn part(mut self, words: Vec<u8>) {
        self.outgoing.part(words);
        let _ = timeout(GOODBYE * 2, self.writes.recv()).await;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reading.abort();
        self.writing.abort();
    }
}

async fn read<R: AsyncRead + Unpin>(mut reader: Reader<R>, tell: mpsc::Sender<Heard>) {
    loop {
        let mut piece = Vec::new();
        let mut next = reader.read().await.map(Some);
        let over = loop {
            match next {
                Ok(Some(Frame::Stanza(stanza))) => piece.push(stanza),
                Ok(None) => break None,
                // A header cannot come within a stream: the gate refuses it.
                Ok(Some(Frame::End | Frame::Header(_))) => break Some(Error::Closed),
                Err(error) => break Some(error),
            }
            if piece.len() == PIECE {
                break None;
            }
            next = reader.ready();
        };
        if !piece.is_empty() && tell.send(Heard::Stanzas(piece)).await.is_err() {
            return;
        }
        if let Some(error) = over {
            let _ = tell.send(Heard::Over(error)).await;
            return;
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(mut sender: Sender<W>, queue: Outgoing, turn: Turn, stuck: Duration) {
    loop {
        match queue.take(turn).await {
            Piece::Bytes(bytes) => {
                if !matches!(timeout(stuck, sender.send(&bytes)).await, Ok(Ok(()))) {
                    return;
                }
            }
            Piece::Last(words) => {
                let goodbye = async {
                    if !words.is_empty() {
                        sender.send(&words).await?;
                    }
                    sender.close().await
                };
                let _ = timeout(GOODBYE, goodbye).await;
                return;
            }
            Piece::Stale => return,
        }
    }
}
