//! The ledger against what a broker that drops its oldest items, and a link that fails as it likes, can do to it.

mod world;

use std::time::Instant;

use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn topic() -> TopicId {
    TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() }
}

const DAY: Duration = Duration::from_secs(86_400);

fn look(ledger: &Ledger) -> Look {
    ledger.look(&topic(), Instant::now(), DAY).unwrap()
}

/// A look that begins and ends now.
fn looked(ledger: &mut Ledger, seen: &Seen) -> Option<Gap> {
    let look = look(ledger);
    ledger.looked(&topic(), &look, seen, Limits::default(), Instant::now())
}

fn standing(ledger: &Ledger) -> Standing {
    ledger.coverage()[0].standing
}

fn seen(second: i64, before: usize, anchors: usize, new: usize) -> Seen {
    let mut seen = Seen::new(at(second), before);
    seen.whole = true;
    (0..anchors + new).for_each(|n| seen.saw(None, n < anchors));
    seen
}

#[test]
fn a_session_that_stands_and_is_resumed_is_one_stretch_of_each_kind() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    assert_eq!(standing(&ledger), Standing::Live { since: at(0) });
    ledger.broke(at(100), 7);
    assert_eq!(standing(&ledger), Standing::Away { since: at(98) });
    ledger.resumed(at(130));
    assert_eq!(standing(&ledger), Standing::Live { since: at(98) });
    assert!(!look(&ledger).proving);
    // Broken again before anything was sent anew: nothing is claimed of what is still to come.
    let mut early = ledger.twin();
    early.broke(at(100), 7);
    assert_eq!(standing(&early), Standing::Away { since: at(98) });
    early.resumed(at(140));
    ledger.broke(at(200), 9);
    let coverage = &ledger.coverage()[0];
    assert!(coverage.gaps.is_empty());
    let stretches: Vec<_> = coverage.stretches.iter().map(|s| (s.span, s.proof)).collect();
    let span = |from, until| Span::new(at(from), at(until));
    assert_eq!(stretches, [(span(0, 98), Proof::Live), (span(98, 130), Proof::Resumed), (span(130, 198), Proof::Live)]);
    early.present(&topic(), at(300), 7);
    early.broke(at(120), 7);
    let span = |stretch: &Stretch| (stretch.span, stretch.proof);
    let stretches: Vec<_> = early.coverage()[0].stretches.iter().map(span).collect();
    assert_eq!(
        stretches,
        [(Span::new(at(0), at(98)), Proof::Live), (Span::new(at(98), at(118)), Proof::Resumed)],
        "as far as it came"
    );
}

/// What waited for a session that broke may come after what was published later.
#[test]
fn what_came_just_after_a_break_is_no_sign_that_what_was_before_it_came() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.broke(at(3), 1);
    ledger.present(&topic(), at(5), 1);
    assert!(!look(&ledger).hasty, "nothing waited for the first session");
    ledger.broke(at(9), 2);
    ledger.present(&topic(), at(20), 2);
    assert!(look(&ledger).hasty);
    let mut hasty = seen(21, 3, 0, 4);
    hasty.hasty = 1;
    let gap = looked(&mut ledger, &hasty);
    assert_eq!(gap.map(|gap| gap.cause), Some(Cause::Dropped), "nothing from before is left");
    ledger.broke(at(60), 9);
    ledger.present(&topic(), at(61), 9);
    assert!(!look(&ledger).hasty, "the session stood long enough");
    ledger.broke(at(90), 9);
    ledger.resumed(at(91));
    ledger.broke(at(95), 9);
    ledger.present(&topic(), at(96), 9);
    assert!(look(&ledger).hasty, "taken up again, and broken soon after");
}

/// Prosody says nothing to whom it takes a subscription from.
#[test]
fn a_subscription_that_ended_without_a_word_is_claimed_as_far_as_it_was_confirmed() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.confirmed(&topic(), at(1_000), 5);
    ledger.broke(at(9_000), 5);
    for mut ledger in [ledger.twin(), Ledger::restored(ledger.records())] {
        // The directory still holds it to be mine when the next session begins.
        ledger.present(&topic(), at(9_500), 5);
        ledger.lost(&topic(), Cause::Unsubscribed);
        assert_eq!(standing(&ledger), Standing::Lost { since: at(1_000), cause: Cause::Unsubscribed });
        let coverage = &ledger.coverage()[0];
        assert_eq!(coverage.stretches.iter().map(|s| s.span).collect::<Vec<_>>(), [Span::new(at(0), at(1_000))]);
        ledger.present(&topic(), at(10_000), 9);
        assert_eq!(look(&ledger).anchor, 5);
    }
    // What was compared stands.
    ledger.present(&topic(), at(9_100), 5);
    assert_eq!(looked(&mut ledger, &seen(9_101, 5, 1, 1)), None);
    ledger.broke(at(9_200), 6);
    ledger.lost(&topic(), Cause::Unsubscribed);
    let proofs: Vec<_> = ledger.coverage()[0].stretches.iter().map(|s| s.proof).collect();
    assert_eq!(proofs, [Proof::Live, Proof::Swept]);
}

#[test]
fn a_topic_of_which_more_is_stored_than_is_read_is_not_read_again_at_every_look() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    let mut cut = seen(1, 0, 0, 3);
    (cut.whole, cut.cut) = (false, true);
    let _ = looked(&mut ledger, &cut);
    assert!(look(&ledger).level && !look(&ledger).whole);
}

#[test]
fn a_fresh_session_shows_it_or_tells_the_gap_with_both_times() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.broke(at(100), 7);
    ledger.present(&topic(), at(200), 7);
    assert_eq!(standing(&ledger), Standing::Proving { since: at(98) });
    let first = look(&ledger);
    assert_eq!((first.anchor, first.proving, first.level, first.seen), (7, true, false, 0));
    assert_eq!(looked(&mut ledger, &seen(201, 7, 1, 30)), None);
    assert_eq!(standing(&ledger), Standing::Live { since: at(201) });
    assert!(look(&ledger).level);

    ledger.broke(at(300), 40);
    ledger.present(&topic(), at(400), 40);
    // Broken again before it was shown: the first break counts.
    ledger.broke(at(405), 50);
    ledger.present(&topic(), at(500), 50);
    assert_eq!(look(&ledger).anchor, 40, "what came in between is not from before");
    let gap = looked(&mut ledger, &seen(501, 31, 0, 31));
    assert_eq!(gap, Some(Gap { span: Span::new(at(298), at(501)), cause: Cause::Dropped }));
    assert_eq!(standing(&ledger), Standing::Live { since: at(501) });
    let coverage = &ledger.coverage()[0];
    assert_eq!([297, 298, 400, 501, 502].map(|second| coverage.doubts(at(second))), [false, true, true, true, false]);
}

#[test]
fn a_resumption_proves_nothing_of_what_was_open_before() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.broke(at(100), 7);
    ledger.present(&topic(), at(200), 7);
    ledger.broke(at(210), 8);
    ledger.resumed(at(220));
    assert_eq!(standing(&ledger), Standing::Proving { since: at(98) });
    // And a session that broke before it knew of the topic continues nothing of it.
    ledger.broke(at(230), 8);
    ledger.broke(at(240), 8);
    ledger.resumed(at(250));
    assert_eq!(standing(&ledger), Standing::Away { since: at(98) });
}

#[test]
fn a_lost_subscription_ends_the_stretch_where_it_was_last_confirmed() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.confirmed(&topic(), at(60), 5);
    ledger.lost(&topic(), Cause::Unsubscribed);
    assert_eq!(standing(&ledger), Standing::Lost { since: at(60), cause: Cause::Unsubscribed });
    ledger.broke(at(100), 9);
    ledger.resumed(at(110));
    assert!(matches!(standing(&ledger), Standing::Lost { .. }), "a session does not bring it back");
    ledger.present(&topic(), at(500), 9);
    assert_eq!(look(&ledger).anchor, 5);
    let mut again = ledger.twin();
    assert_eq!(looked(&mut ledger, &seen(501, 5, 2, 3)), None, "the broker still has it all");
    let gap = looked(&mut again, &seen(501, 5, 0, 3)).unwrap();
    assert_eq!((gap.span, gap.cause), (Span::new(at(60), at(501)), Cause::Unsubscribed));
}

impl Ledger {
    fn twin(&self) -> Ledger {
        Ledger { entries: self.entries.clone(), changed: self.changed }
    }
}

#[test]
fn what_i_left_is_nobodys_claim() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.left(&topic(), at(50));
    ledger.present(&topic(), at(500), 9);
    assert_eq!(standing(&ledger), Standing::Live { since: at(500) });
    assert!(!look(&ledger).level);
    let coverage = &ledger.coverage()[0];
    assert!(coverage.gaps.is_empty() && !coverage.doubts(at(300)));
}

#[test]
fn doubt_and_what_cannot_be_read() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.doubted(&topic(), at(100), 4, Cause::Unreadable);
    assert_eq!(standing(&ledger), Standing::Proving { since: at(98) });
    let mut poison = seen(110, 4, 2, 3);
    let _ = poison.skipped.insert(ItemId("poison".to_owned()));
    let gap = looked(&mut ledger, &poison).unwrap();
    assert_eq!((gap.span, gap.cause), (Span::new(at(98), at(110)), Cause::Unreadable));
    // The same item does not make another gap each time.
    poison.at = at(301);
    ledger.broke(at(200), 7);
    ledger.present(&topic(), at(300), 7);
    assert_eq!(looked(&mut ledger, &poison), None);
    ledger.broke(at(400), 7);
    ledger.present(&topic(), at(500), 7);
    assert_eq!(ledger.refused(&topic(), at(501)).unwrap().cause, Cause::Refused);
}

#[test]
fn a_look_that_began_before_a_doubt_does_not_end_it() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    ledger.broke(at(100), 4);
    ledger.present(&topic(), at(200), 4);
    let early = look(&ledger);
    ledger.doubted(&topic(), at(210), 5, Cause::Unreadable);
    let gap = ledger.looked(&topic(), &early, &seen(205, 4, 1, 0), Limits::default(), Instant::now());
    assert_eq!((gap, standing(&ledger)), (None, Standing::Proving { since: at(98) }));
    assert_eq!(looked(&mut ledger, &seen(220, 4, 1, 0)), None);
    assert_eq!(standing(&ledger), Standing::Live { since: at(220) });
}

#[test]
fn everything_is_read_once_and_then_so_often() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    assert!(look(&ledger).whole);
    let _ = looked(&mut ledger, &seen(1, 0, 0, 3));
    assert!(!look(&ledger).whole);
    assert!(ledger.look(&topic(), Instant::now() + DAY, DAY).unwrap().whole);
    ledger.stale(&topic());
    let early = look(&ledger);
    assert!(early.whole);
    // What made it out of date again came while everything was being read, and may have come too late for that.
    ledger.stale(&topic());
    let _ = ledger.looked(&topic(), &early, &seen(2, 0, 0, 3), Limits::default(), Instant::now());
    assert!(look(&ledger).whole);
    let _ = looked(&mut ledger, &seen(3, 0, 0, 3));
    assert!(!look(&ledger).whole);
}

#[test]
fn names_alone_prove_nothing_and_a_clock_set_back_loses_no_gap() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(1_000), 0);
    ledger.broke(at(500), 4);
    assert_eq!(standing(&ledger), Standing::Away { since: at(1_000) });
    ledger.present(&topic(), at(510), 4);
    let mut names = seen(511, 4, 4, 0);
    names.read = false;
    assert_eq!(looked(&mut ledger, &names), None);
    assert_eq!(standing(&ledger), Standing::Proving { since: at(1_000) });
    let gap = looked(&mut ledger, &seen(512, 4, 0, 9)).unwrap();
    assert_eq!(gap.span, Span::new(at(512), at(1_000)));
}

#[test]
fn the_next_run_begins_where_this_one_ended() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 3);
    ledger.broke(at(100), 7);
    ledger.present(&topic(), at(200), 7);
    let _ = looked(&mut ledger, &seen(201, 7, 0, 30));
    let mut next = Ledger::restored(ledger.records());
    assert_eq!(standing(&next), Standing::Away { since: at(201) });
    assert_eq!(next.coverage()[0].gaps, ledger.coverage()[0].gaps);
    next.present(&topic(), at(900), 37);
    let look = look(&next);
    assert_eq!((look.anchor, look.proving, look.level, look.seen), (7, true, true, 30));
}

/// A kill says nothing: what was kept then is all that the next run knows.
#[test]
fn after_an_end_without_a_word_only_what_came_since_the_last_beat_is_in_doubt() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 3);
    assert!(!ledger.beat(at(1), 3), "less than what is not counted");
    assert!(ledger.beat(at(1_000), 40));
    assert!(ledger.beat(at(2_000), 70));
    assert!(!ledger.beat(at(2_000), 71), "nothing is known that was not");
    let now = (standing(&ledger), ledger.coverage()[0].stretches.len(), look(&ledger).anchor);
    assert_eq!(now, (Standing::Live { since: at(0) }, 0, 3), "what is known in this run stays as it is");
    let mut next = Ledger::restored(ledger.records());
    assert_eq!(standing(&next), Standing::Away { since: at(1_998) });
    let stretches: Vec<_> = next.coverage()[0].stretches.iter().map(|s| (s.span, s.proof)).collect();
    assert_eq!(stretches, [(Span::new(at(0), at(1_998)), Proof::Live)]);
    next.present(&topic(), at(2_500), 75);
    assert_eq!(look(&next).anchor, 70);
    // The topic keeps few: nothing from before is left.
    let gap = looked(&mut next, &seen(2_501, 70, 0, 20)).unwrap();
    assert_eq!(gap.span, Span::new(at(1_998), at(2_501)));
    assert!(!next.coverage()[0].doubts(at(1_990)));
}

/// A run killed before its first beat: what it received came in no time that is complete, and shows that the topic was emptied.
#[test]
fn what_a_run_without_a_beat_received_shows_that_its_topic_was_purged() {
    for pushed in [false, true] {
        let mut ledger = Ledger::default();
        ledger.present(&topic(), at(0), 3);
        // Killed with rows 3 to 6; something was published and all of it purged.
        let mut next = Ledger::restored(ledger.records());
        next.present(&topic(), at(900), 7);
        assert_eq!((look(&next).anchor, look(&next).joined), (3, 7));
        // What is pushed to the new session, and then stored there, shows nothing of what was before it.
        let mut purged = seen(901, 0, 0, usize::from(pushed));
        purged.held = true;
        let (now, limits) = (look(&next), Limits { stores: Some(true), most: Some(20), ..Limits::default() });
        let gap = next.looked(&topic(), &now, &purged, limits, Instant::now()).unwrap();
        assert_eq!((gap.span, gap.cause), (Span::new(at(0), at(901)), Cause::Removed), "{pushed}");
        assert_eq!(look(&next).joined, 3);
    }
}

/// Two runs killed before any beat, and the topic emptied between them: what the second received shows nothing of what was
/// before it.
#[test]
fn two_ends_without_a_word_hide_no_purge_between_them() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 3);
    // Killed with rows 3 to 6; purged. The next receives row 7, and is killed before or after its look broke off.
    for broke in [false, true] {
        let mut second = Ledger::restored(ledger.records());
        second.present(&topic(), at(900), 7);
        if broke {
            second.broke(at(910), 8);
        }
        let mut third = Ledger::restored(second.records());
        third.present(&topic(), at(1_800), 8);
        assert_eq!((look(&third).anchor, look(&third).joined), (3, 7));
        // Row 7 is stored there, and was not here before the time that is in doubt.
        let mut purged = seen(1_801, 0, 0, 1);
        purged.held = true;
        let (now, limits) = (look(&third), Limits { stores: Some(true), most: Some(20), ..Limits::default() });
        let gap = third.looked(&topic(), &now, &purged, limits, Instant::now()).unwrap();
        assert_eq!((gap.span, gap.cause), (Span::new(at(0), at(1_801)), Cause::Removed), "{broke}");
        assert_eq!(third.records()[0].before, None);
    }
}

/// No step of a clock makes a gap smaller.
#[test]
fn a_clock_that_is_set_back_takes_the_beat_before_it_along() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    assert!(ledger.beat(at(5_000), 5));
    assert!(ledger.beat(at(1_000), 6), "what is kept says too much by now");
    let kept = |ledger: &Ledger| standing(&Ledger::restored(ledger.records()));
    assert_eq!(kept(&ledger), Standing::Away { since: at(998) });
    assert!(ledger.beat(at(5_000), 7));
    ledger.broke(at(1_200), 8);
    ledger.present(&topic(), at(1_300), 8);
    assert_eq!(looked(&mut ledger, &seen(1_301, 8, 1, 0)), None);
    assert_eq!(kept(&ledger), Standing::Away { since: at(1_301) });
}

#[test]
fn a_beat_says_nothing_of_what_is_open() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    assert!(ledger.is_fresh());
    assert!(ledger.beat(at(50), 5) && !ledger.is_fresh());
    ledger.broke(at(100), 7);
    assert!(!ledger.beat(at(150), 8), "nobody is there");
    ledger.present(&topic(), at(200), 8);
    assert!(!ledger.beat(at(220), 9), "it is being found out");
    assert_eq!(looked(&mut ledger, &seen(201, 7, 1, 0)), None);
    let kept = |ledger: &Ledger| standing(&Ledger::restored(ledger.records()));
    assert_eq!(kept(&ledger), Standing::Away { since: at(201) });
    // Just after a session took over what waited may still be on its way.
    assert!(!ledger.beat(at(209), 9) && ledger.is_fresh());
    assert!(ledger.beat(at(240), 9) && !ledger.is_fresh());
    assert_eq!(kept(&ledger), Standing::Away { since: at(238) });
    ledger.broke(at(250), 9);
    ledger.resumed(at(300));
    assert!(!ledger.beat(at(301), 9), "what was sent meanwhile is still to come");
    assert_eq!(kept(&ledger), Standing::Away { since: at(248) });
    assert!(ledger.beat(at(320), 9));
    let next = Ledger::restored(ledger.records());
    assert_eq!(standing(&next), Standing::Away { since: at(318) });
    let proofs: Vec<_> = next.coverage()[0].stretches.iter().map(|s| (s.span.until, s.proof)).collect();
    let stretches = [
        (at(98), Proof::Live),
        (at(201), Proof::Swept),
        (at(248), Proof::Live),
        (at(300), Proof::Resumed),
        (at(318), Proof::Live),
    ];
    assert_eq!(proofs, stretches);
    // Ended by somebody else: kept is no more than what was confirmed.
    let mut next = next;
    next.lost(&topic(), Cause::Unsubscribed);
    assert_eq!(standing(&next), Standing::Lost { since: at(0), cause: Cause::Unsubscribed });
}

#[test]
fn many_breaks_cost_little_and_lose_no_doubt() {
    let mut ledger = Ledger::default();
    ledger.present(&topic(), at(0), 0);
    for n in 1..2_000 {
        ledger.broke(at(n * 100), 0);
        ledger.present(&topic(), at(n * 100 + 50), 0);
        let anchors = usize::from(n % 2 == 0);
        let _ = looked(&mut ledger, &seen(n * 100 + 60, 1, anchors, 1));
    }
    let coverage = &ledger.coverage()[0];
    assert!(coverage.gaps.len() <= GAPS && coverage.stretches.len() <= STRETCHES);
    for n in (1..2_000).step_by(2) {
        assert!(coverage.doubts(at(n * 100 + 30)), "{n}");
    }
}
