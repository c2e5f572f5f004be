//! The tests' broker at a port of this machine, for consoles in processes of their own: one after the other, with stream
//! management.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::broker::{self, World};
use super::controller::{Controller, DOMAIN, Fault, Heard};
use super::pki::Authority;
use super::sm::Management;

/// What it runs as, and where it is told what to say.
type Session = (JoinHandle<()>, mpsc::UnboundedSender<String>);

/// See the module.
pub struct Harbour {
    pub world: Arc<Mutex<World>>,
    pub sm: Arc<Management>,
    pub port: u16,
    /// Whom the consoles trust.
    pub authority: Arc<[u8]>,
    /// The session that stands, and where it is told what to say.
    session: Arc<Mutex<Option<Session>>>,
    runtime: Runtime,
}

impl Harbour {
    pub fn open(world: World) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let authority = Authority::new("Test authority");
        let identity = Arc::new(authority.issue(&[DOMAIN], |_| {}));
        let (world, sm) = (Arc::new(Mutex::new(world)), Arc::new(Management::default()));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let session = Arc::new(Mutex::new(None));
        let _accepting = runtime.spawn({
            let (world, sm, session) = (Arc::clone(&world), Arc::clone(&sm), Arc::clone(&session));
            async move {
                while let Ok((mut socket, _)) = listener.accept().await {
                    let (tell, lines) = mpsc::unbounded_channel();
                    let (mut near, far) = tokio::io::duplex(1 << 16);
                    let (world, sm, identity) = (Arc::clone(&world), Arc::clone(&sm), Arc::clone(&identity));
                    let serving = tokio::spawn(async move {
                        // Where one end is gone, the other is done with.
                        let carried = async {
                            let _ = tokio::io::copy_bidirectional(&mut socket, &mut near).await;
                            drop(near);
                        };
                        let served = async {
                            let (fault, heard) = (Fault::None, Heard::default());
                            let controller =
                                Controller { identity: &identity, fault, heard, sm: Some(Arc::clone(&sm)) };
                            if let Some(session) = controller.serve(far).await {
                                broker::serve(session, &world, lines, Some(&sm)).await;
                            }
                        };
                        let _ = tokio::join!(carried, served);
                    });
                    *session.lock().unwrap() = Some((serving, tell));
                }
            }
        });
        Self { world, sm, port, authority: authority.der(), session, runtime }
    }

    /// Says something to the console that is there, if one is and is managed by now.
    pub fn say(&self, xml: String) {
        if self.sm.stands()
            && let Some((_, tell)) = &*self.session.lock().unwrap()
        {
            let _ = tell.send(xml);
        }
    }

    /// All that the console said before it was gone is heard; the next one finds nobody before it.
    pub fn until_gone(&self) {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((serving, tell)) = session {
            drop(tell);
            self.runtime.block_on(serving).unwrap();
            self.sm.gone();
        }
    }
}
