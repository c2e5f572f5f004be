//! What a channel must hold beside rustls's own rules: whom to believe, pins, exceptions, revocation.
//!
//! Plain data; the verifier acts on it.

use std::path::PathBuf;
use std::sync::Arc;

use super::Identity;
use crate::model::session::Roots;
use crate::model::{Known, Revocation};
use crate::xmpp::dial::Way;

/// Which certificate authorities are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The machine's own.
    Platform,
    /// Only those in this PEM file.
    CaFile(PathBuf),
    /// The machine's own and those in this PEM file.
    Both(PathBuf),
    /// Only this one (DER); the practice grid's own authority.
    Ca(Arc<[u8]>),
}

impl Trust {
    /// Where its authorities come from, to be shown.
    pub(super) fn source(&self) -> Roots {
        let name = |path: &PathBuf| path.display().to_string();
        match self {
            Self::Platform => Roots::Platform,
            Self::CaFile(path) => Roots::File(name(path)),
            Self::Both(path) => Roots::Both(name(path)),
            Self::Ca(_) => Roots::Own,
        }
    }
}

/// What to do with a certificate nothing is wrong with, on an account that has never met it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unseen {
    /// Stop, so that a person compares the fingerprint.
    Ask,
    /// Go on and remember it: nobody is there to ask, or the authority is this process.
    #[default]
    Accept,
}

/// The rules of one account. The default believes what the chain proves, and checks what it can.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub known: Arc<Known>,
    pub unseen: Unseen,
    pub revocation: Revocation,
    /// Files of revocation lists, PEM or DER.
    pub crls: Vec<PathBuf>,
    /// Lists are also fetched from where the certificates say.
    pub fetch_crls: bool,
    /// How they are fetched (`http::get`): the profile's own way, through its proxy.
    pub way: Way,
    /// Where fetched lists are kept; `None` keeps none.
    pub cache: Option<PathBuf>,
    /// Shown when the server asks for one.
    pub identity: Option<Identity>,
}
