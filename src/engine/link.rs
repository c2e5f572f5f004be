//! The tasks on both halves of a session's stream: one reads and frames, one writes. Neither ever waits for the other,
//! so a peer that stops reading cannot stop us reading.
//!
//! May use `xmpp::stream`.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::xmpp::stream::{Error, Reader, Sender};
use crate::xmpp::xml::{Frame, Stanza};

/// Stanzas in one piece of reading.
const PIECE: usize = 128;
/// Pieces that may wait: with stanzas of 1 MiB the gate's cap rules, with small ones this.
const PIECES: usize = 8;
/// Stanzas that may wait to be written.
const OUTGOING: usize = 256;
/// Bytes gathered into one write.
const GATHER: usize = 64 * 1024;
/// Longest goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// What the reading task tells.
#[derive(Debug)]
pub(super) enum Heard {
    Stanzas(Vec<Stanza>),
    /// The stream is over; nothing follows.
    Over(Error),
}

/// Both tasks. Dropping it ends the reading at once and the writing after a goodbye.
#[derive(Debug)]
pub(super) struct Link {
    pub heard: mpsc::Receiver<Heard>,
    pub outgoing: mpsc::Sender<Vec<u8>>,
    reading: JoinHandle<()>,
    writing: Option<JoinHandle<()>>,
}

impl Link {
    /// `stuck` is the longest wait for the peer to take what we write. When the writing has ended, `outgoing` is closed.
    pub(super) fn new<R, W>(reader: Reader<R>, sender: Sender<W>, stuck: Duration) -> Self
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (tell, heard) = mpsc::channel(PIECES);
        let (outgoing, queue) = mpsc::channel(OUTGOING);
        let reading = tokio::spawn(read(reader, tell));
        let writing = Some(tokio::spawn(write(sender, queue, stuck)));
        Self { heard, outgoing, reading, writing }
    }

    /// Says goodbye and waits until it is said, at most two seconds.
    pub(super) async fn close(mut self) {
        let writing = self.writing.take();
        // The queue's end is the writer's sign to say goodbye.
        drop(self);
        if let Some(writing) = writing {
            let _ = timeout(GOODBYE * 2, writing).await;
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reading.abort();
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

async fn write<W: AsyncWrite + Unpin>(mut sender: Sender<W>, mut queue: mpsc::Receiver<Vec<u8>>, stuck: Duration) {
    while let Some(mut bytes) = queue.recv().await {
        while bytes.len() < GATHER {
            match queue.try_recv() {
                Ok(more) => bytes.extend_from_slice(&more),
                Err(_) => break,
            }
        }
        if !matches!(timeout(stuck, sender.send(&bytes)).await, Ok(Ok(()))) {
            // The queue goes with it, which the session sees.
            return;
        }
    }
    let _ = timeout(GOODBYE, sender.close()).await;
}
