//! Gets the revocation lists of a login together and looks its chain up in them, between the handshake and the first byte
//! of XMPP.
//!
//! Which lists a chain needs is known only when the server has shown it, so the order is: handshake, with chain, name
//! and key checked; then the lists, from files, the cache and, where the profile says so, the network; then the chain
//! held against them. Until that is done the channel is nobody's but ours: nothing was sent on it, and a refusal drops
//! it. A client certificate, if one is asked for, has been shown by then; it is no secret, and under TLS 1.3 nobody on
//! the way sees it. Addresses are taken only from a chain that holds, so a stranger cannot make us ask anywhere.
//!
//! Files and signatures block, so they have threads of their own. Uses `http`.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::{JoinSet, spawn_blocking};

use super::chain::Presented;
use super::lists::{Cache, LARGEST, List, Lists};
use super::revocation::{self, LookedUp, Question, SKEW, Standing};
use super::verifier::{Judged, Rules};
use super::words::Unlisted;
use super::{diagnosis, facts};
use crate::model::Revocation;
use crate::xmpp::http;

/// How long all lists together may take to come: a list that does not come must not cost the login.
const PATIENCE: Duration = Duration::from_secs(5);
/// Age from which a list of the cache is fetched again, though it has not ended.
const OLD: TimeDelta = TimeDelta::hours(24);

/// How what was presented stands with its authorities.
pub(super) async fn standing(rules: &Arc<Rules>, judged: &Arc<Judged>) -> Standing {
    if rules.policy.revocation == Revocation::Off {
        return Standing::off();
    }
    let (with, of) = (rules.clone(), judged.clone());
    let Ok((mut lists, wanted)) = spawn_blocking(move || at_hand(&with, &of)).await else {
        return lost(rules);
    };
    let fetched = fetch(rules, wanted, &mut lists).await;
    let (with, of) = (rules.clone(), judged.clone());
    spawn_blocking(move || look_up(&with, &of, lists, fetched)).await.unwrap_or_else(|_| lost(rules))
}

/// A reader of lists panicked: as if there were none.
fn lost(rules: &Rules) -> Standing {
    let cause = "internal error".to_owned();
    Standing::unlisted(rules.policy.revocation, rules.domain.clone(), Unlisted::Broken { cause }, false)
}

fn question<'a>(rules: &'a Rules, judged: &'a Judged) -> Question<'a> {
    Question {
        presented: Presented { leaf: &judged.leaf, others: &judged.others },
        roots: &rules.roots,
        policy: rules.policy.revocation,
        stapled: judged.stapled,
        now: judged.now,
    }
}

/// The lists of files and cache, and the addresses of those that are to be fetched.
fn at_hand(rules: &Rules, judged: &Judged) -> (Lists, Vec<String>) {
    let mut lists = Lists::from_files(&rules.policy.crls);
    if !rules.policy.fetch_crls {
        return (lists, Vec::new());
    }
    let now = facts::time(diagnosis::seconds(judged.now));
    let mut wanted = revocation::addresses(&question(rules, judged));
    if let Some(cache) = cache(rules) {
        wanted.retain(|url| {
            let kept = cache.load(url);
            let fresh = kept
                .as_ref()
                .is_some_and(|list| now < list.until && now - list.issued < OLD && list.issued <= now + SKEW);
            lists.extend(kept);
            !fresh
        });
    }
    (lists, wanted)
}

fn cache(rules: &Rules) -> Option<Cache> {
    rules.policy.cache.as_deref().map(Cache::new)
}

/// Fetches all at once. What fails is noted; a list of the cache may still do.
async fn fetch(rules: &Rules, wanted: Vec<String>, lists: &mut Lists) -> Vec<(String, Vec<u8>)> {
    let mut under_way = JoinSet::new();
    for url in wanted {
        let way = rules.policy.way.clone();
        let _ = under_way.spawn(async move {
            let cap = usize::try_from(LARGEST).unwrap_or(usize::MAX);
            (http::get(&way, &url, cap, PATIENCE).await, url)
        });
    }
    let mut fetched = Vec::new();
    while let Some(ended) = under_way.join_next().await {
        match ended {
            Ok((Ok(bytes), url)) => fetched.push((url, bytes)),
            Ok((Err(error), url)) => {
                let shown = facts::harmless(&url);
                lists.fail(error.say(&shown), format!("{shown}: {error}"));
            }
            Err(_) => {}
        }
    }
    fetched
}

fn look_up(rules: &Rules, judged: &Judged, mut lists: Lists, fetched: Vec<(String, Vec<u8>)>) -> Standing {
    let mut urls = Vec::new();
    for (url, bytes) in fetched {
        let before = lists.all.len();
        lists.take(bytes, &url);
        if lists.all.len() == before + 1 {
            urls.push((url, before));
        }
    }
    let LookedUp { standing, own } = revocation::standing(&question(rules, judged), &lists);
    if let Some(cache) = cache(rules) {
        for (url, at) in urls {
            if let Some(list) = lists.all.get(at) {
                keep(&cache, &url, list, &own);
            }
        }
    }
    standing
}

/// Keeps a list that is one of the authorities' `own` and newer than the one kept so far: anybody on the way can plant one of
/// his own, or an old one that does not yet withdraw what a newer one does.
fn keep(cache: &Cache, url: &str, list: &List, own: &[&List]) {
    let is_own = |list: &List| own.iter().any(|one| one.der() == list.der());
    let outdone = |kept: List| kept.issued >= list.issued && is_own(&kept);
    if !is_own(list) || cache.load(url).is_some_and(outdone) {
        return;
    }
    if let Err(error) = cache.keep(url, list.der()) {
        tracing::warn!(%error, "a revocation list cannot be kept");
    }
}
