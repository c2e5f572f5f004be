//! Which mechanism a login uses, and what is too weak for an account that has known better (`engine.md` §6 rows 13-15).
//!
//! **Strength.** EXTERNAL and SCRAM are proofs of different kinds, so they are two ladders. A profile with a client
//! certificate stands on the first: EXTERNAL once used is demanded from then on, and never replaced by a password. Setting the
//! certificate in the profile or taking it out is a person's act, and that alone changes the ladder. Profiles and verbs of one
//! account may stand on different ones, so both are remembered and neither touches the other. On the second an offer is as
//! strong as its hash *and* its channel binding: it may not be below the floor in either, so that neither SHA-1 with a
//! binding nor SHA-512 without passes for SHA-256 with one. A server that gains a hash, TLS 1.3 or a binding raises the
//! floor and trips nothing.
//!
//! XEP-0474 §7 advises against remembering mechanisms, as its hash tells an operator's change from an attack. But that hash is
//! believed only after our proof has been sent, and a proof under SHA-1 is what the attacker wants. So the floor holds, and a
//! person lowers it.

use super::{BindingKind, Bindings, Error, Flag, Hash, Mechanism, Offer};
use crate::model::trust::EXTERNAL;
use crate::model::{Floor, Known, Learned};

/// How to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    External,
    Scram { hash: Hash, flag: Flag },
}

impl Choice {
    #[must_use]
    pub fn mechanism(self) -> Mechanism {
        match self {
            Self::External => Mechanism::External,
            Self::Scram { hash, flag } => Mechanism::Scram { hash, plus: matches!(flag, Flag::Bound(_)) },
        }
    }

    #[must_use]
    pub fn binding(self) -> Option<BindingKind> {
        match self {
            Self::Scram { flag: Flag::Bound(kind), .. } => Some(kind),
            _ => None,
        }
    }

    /// Whether the server must prove that nobody changed its offer (XEP-0474): it did before, or the offer is odd.
    #[must_use]
    pub fn needs_proof(self, offer: &Offer, known: &Known) -> bool {
        let before = known.floor.as_ref().is_some_and(|floor| floor.offer_proved);
        matches!(self, Self::Scram { flag, .. } if before || flag == Flag::Cannot && offer.looks_stripped())
    }

    /// Whether this one is to be taken and not `other`: certificate before password, binding before none, then the hash.
    #[must_use]
    pub fn beats(self, other: Self) -> bool {
        let rank = |choice: Self| match choice {
            Self::External => (true, None, None),
            Self::Scram { hash, .. } => (false, choice.binding(), Some(hash)),
        };
        rank(self) > rank(other)
    }

    /// Whether nothing in it is weaker than how a password was proved before.
    fn reaches(self, floor: &Floor) -> bool {
        let Self::Scram { hash, .. } = self else { return true };
        // A floor we cannot read was set by a later version, which knew something stronger.
        let Some(Mechanism::Scram { hash: known, .. }) = Mechanism::from_name(&floor.mechanism) else { return false };
        let bound = match floor.binding.as_deref() {
            None => true,
            Some(name) => BindingKind::from_name(name).is_some_and(|known| self.binding() >= Some(known)),
        };
        hash >= known && bound
    }

    /// What is to be remembered once this login has succeeded: it is stronger than what was known on its ladder.
    #[must_use]
    pub fn raises(self, known: &Known, offer_proved: bool) -> Option<Learned> {
        if self == Self::External {
            return known.external.is_none().then_some(Learned::External);
        }
        let mechanism = self.mechanism().name().to_owned();
        let binding = self.binding().map(|kind| kind.name().to_owned());
        let offer_proved = offer_proved || known.floor.as_ref().is_some_and(|floor| floor.offer_proved);
        let same = known.floor.as_ref().is_some_and(|floor| {
            floor.mechanism == mechanism && floor.binding == binding && floor.offer_proved == offer_proved
        });
        (!same).then_some(Learned::Floor { mechanism, binding, offer_proved })
    }
}

/// How our client certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate<'a> {
    /// The profile has none.
    None,
    /// There is one, but the server did not ask for it in TLS, so EXTERNAL has nothing to look at.
    Withheld,
    /// The server has it. The XMPP addresses in it (RFC 6120 §13.7.1.4).
    Shown(&'a [String]),
}

/// What we can log in by.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    pub bindings: &'a Bindings,
    pub certificate: Certificate<'a>,
    pub password: bool,
}

/// Chooses the best mechanism both sides have.
///
/// The rule for -PLUS: it is used when the server lists (XEP-0440) a binding type we can do. A server that offers -PLUS
/// *without* any list has said no type; the servers that do so (ejabberd before 24.02, Prosody 0.12) accept `tls-unique` only,
/// which does not exist in TLS 1.3 nor in rustls. A try with another type would count as a failed login there, so we log
/// in without binding and say `n`, which RFC 5802 §6 lets the server accept; `y` would be refused as a downgrade.
///
/// # Errors
/// [`Error::NoMechanism`] naming what was offered, when there is none of ours among it; [`Error::Weaker`] when there is, but
/// only below the floor; [`Error::NoPassword`] and [`Error::CertificateNotOffered`] when we lack what it wants.
pub fn choose(offer: &Offer, means: Means<'_>, known: &Known) -> Result<Choice, Error> {
    // Where the person took the certificate out of the profile, the first ladder does not count.
    let certified = known.external.is_some() && means.certificate != Certificate::None;
    let floor = known.floor.as_ref();
    let offered = |mechanism: Mechanism| offer.mechanisms.iter().any(|name| name == mechanism.name());
    let external = offered(Mechanism::External) && matches!(means.certificate, Certificate::Shown(_));
    let passwords = by_password(offer, means.bindings);
    let strong = |choice: &Choice| match choice {
        Choice::External => true,
        Choice::Scram { .. } => !certified && floor.is_none_or(|floor| choice.reaches(floor)),
    };
    let mut possible = external.then_some(Choice::External).into_iter().chain(passwords.iter().copied());
    match possible.find(strong) {
        Some(Choice::Scram { .. }) if !means.password => {
            Err(if means.certificate == Certificate::None { Error::NoPassword } else { Error::CertificateNotOffered })
        }
        Some(choice) => Ok(choice),
        None => match floor {
            _ if certified && !passwords.is_empty() => Err(weaker(offer, EXTERNAL, None)),
            Some(floor) if !passwords.is_empty() => Err(weaker(offer, &floor.mechanism, floor.binding.as_deref())),
            _ if offered(Mechanism::External) => Err(match means.certificate {
                Certificate::None => Error::NoCertificate,
                _ => Error::CertificateNotOffered,
            }),
            _ => Err(Error::NoMechanism { offered: offer.mechanisms.clone() }),
        },
    }
}

/// The ways to prove a password, best first.
fn by_password(offer: &Offer, bindings: &Bindings) -> Vec<Choice> {
    let offered = |hash, plus| {
        let mechanism = Mechanism::Scram { hash, plus };
        offer.mechanisms.iter().any(|name| name == mechanism.name())
    };
    let listed = |kind: &BindingKind| {
        offer.bindings.as_ref().is_some_and(|list| list.iter().any(|name| name == kind.name()))
            && bindings.get(*kind).is_some()
    };
    let plus = offer.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
    let flag = if bindings.any() && !plus { Flag::NotOffered } else { Flag::Cannot };
    let kind = BindingKind::ALL.into_iter().find(listed);
    let bound = kind.into_iter().flat_map(|kind| {
        let hashes = Hash::ALL.into_iter().filter(|hash| offered(*hash, true));
        hashes.map(move |hash| Choice::Scram { hash, flag: Flag::Bound(kind) })
    });
    let unbound = Hash::ALL.into_iter().filter(|hash| offered(*hash, false));
    bound.chain(unbound.map(|hash| Choice::Scram { hash, flag })).collect()
}

/// The refusal in words that name what is gone.
fn weaker(offer: &Offer, mechanism: &str, binding: Option<&str>) -> Error {
    let known = match binding {
        Some(kind) => format!("{mechanism} ({kind})"),
        None => mechanism.to_owned(),
    };
    let missing = match binding {
        Some(kind) if offer.mechanisms.iter().any(|name| name == mechanism) => kind,
        _ => mechanism,
    };
    Error::Weaker { known, missing: missing.to_owned(), offered: offer.mechanisms.clone() }
}

#[cfg(test)]
mod tests;
