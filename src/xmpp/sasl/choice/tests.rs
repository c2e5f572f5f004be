//! What is chosen from which offer, with and without a floor.

use chrono::DateTime;

use super::*;

fn offer(mechanisms: &[&str], bindings: Option<&[&str]>) -> Offer {
    let own = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Offer { mechanisms: own(mechanisms), bindings: bindings.map(own) }
}

fn floor(mechanism: &str, binding: Option<&str>) -> Floor {
    let binding = binding.map(str::to_owned);
    Floor { mechanism: mechanism.to_owned(), binding, offer_proved: false, since: DateTime::UNIX_EPOCH }
}

fn knowing(floor: Floor) -> Known {
    Known { floor: Some(floor), ..Known::default() }
}

fn certified() -> Known {
    Known { external: Some(DateTime::UNIX_EPOCH), ..Known::default() }
}

fn both() -> Bindings {
    Bindings { exporter: Some(vec![1]), end_point: Some(vec![2]) }
}

fn by_password(bindings: &Bindings) -> Means<'_> {
    Means { bindings, certificate: Certificate::None, password: true }
}

fn name(choice: Result<Choice, Error>) -> String {
    match choice {
        Ok(Choice::Scram { flag: Flag::Cannot, .. }) => format!("n {}", choice.unwrap().mechanism()),
        Ok(Choice::Scram { flag: Flag::NotOffered, .. }) => format!("y {}", choice.unwrap().mechanism()),
        Ok(Choice::Scram { flag: Flag::Bound(kind), .. }) => {
            format!("p={} {}", kind.name(), choice.unwrap().mechanism())
        }
        Ok(Choice::External) => "EXTERNAL".to_owned(),
        Err(Error::Weaker { missing, .. }) => format!("missing {missing}"),
        Err(error) => error.say().key.to_owned(),
    }
}

const ALL: [&str; 8] = [
    "PLAIN",
    "EXTERNAL",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512",
    "SCRAM-SHA-512-PLUS",
];
const KINDS: Option<&[&str]> = Some(&["tls-exporter", "tls-server-end-point", "x-new"]);

#[test]
fn the_best_offered_mechanism_is_chosen_and_the_flag_tells_the_truth() {
    let (both, none) = (both(), Bindings::default());
    let end_point = Bindings { exporter: None, end_point: Some(vec![2]) };
    /// Offered mechanisms, offered bindings, those we can do, what is chosen.
    type Row<'a> = (&'a [&'a str], Option<&'a [&'a str]>, &'a Bindings, &'a str);
    let rows: [Row<'_>; 11] = [
        (&ALL, KINDS, &both, "p=tls-exporter SCRAM-SHA-512-PLUS"),
        (&ALL, KINDS, &end_point, "p=tls-server-end-point SCRAM-SHA-512-PLUS"),
        (&ALL, Some(&["tls-server-end-point"]), &both, "p=tls-server-end-point SCRAM-SHA-512-PLUS"),
        (&ALL, KINDS, &none, "n SCRAM-SHA-512"),
        (&ALL, Some(&["tls-unique"]), &both, "n SCRAM-SHA-512"),
        // ejabberd 23.01: -PLUS without a list.
        (&ALL, None, &both, "n SCRAM-SHA-512"),
        (&["SCRAM-SHA-1", "SCRAM-SHA-256"], None, &both, "y SCRAM-SHA-256"),
        (&["SCRAM-SHA-1", "SCRAM-SHA-256"], KINDS, &none, "n SCRAM-SHA-256"),
        // A weak hash that binds goes before a strong one that does not: a relay is worse than a guess.
        (&["SCRAM-SHA-512", "SCRAM-SHA-1-PLUS"], KINDS, &both, "p=tls-exporter SCRAM-SHA-1-PLUS"),
        (&["SCRAM-SHA3-512-PLUS", "SCRAM-SHA-1"], KINDS, &both, "n SCRAM-SHA-1"),
        (&["SCRAM-SHA-1"], None, &none, "n SCRAM-SHA-1"),
    ];
    for (mechanisms, list, bindings, expected) in rows {
        let chosen = choose(&offer(mechanisms, list), by_password(bindings), &Known::default());
        assert_eq!(name(chosen), expected, "{mechanisms:?} {list:?}");
    }
}

#[test]
fn weak_mechanisms_are_never_chosen_even_alone() {
    let both = both();
    for only in [
        &["PLAIN"][..],
        &["DIGEST-MD5", "LOGIN"],
        &["ANONYMOUS"],
        &["OAUTHBEARER", "X-OAUTH2"],
        &["scram-sha-256"],
        &["SCRAM-SHA-256-PLUS"],
    ] {
        let error = choose(&offer(only, None), by_password(&both), &Known::default()).unwrap_err();
        assert_eq!(error, Error::NoMechanism { offered: only.iter().map(|n| (*n).to_owned()).collect() });
        assert!(!error.retries());
        assert_eq!(error.say().args, [("offered", only.join(", "))]);
    }
    let nothing = choose(&Offer::default(), by_password(&both), &Known::default());
    assert_eq!(nothing.unwrap_err().say().key, "error-sasl-nothing-offered");
}

#[test]
fn a_certificate_goes_first_where_the_server_takes_it() {
    let both = both();
    let shown: &[String] = &["analyst@grid.example".to_owned()];
    let scram: &[&str] = &["SCRAM-SHA-256", "PLAIN"];
    let rows: [(&[&str], Certificate<'_>, bool, &str); 8] = [
        (&ALL, Certificate::Shown(shown), true, "EXTERNAL"),
        (&ALL, Certificate::Shown(shown), false, "EXTERNAL"),
        // Not asked for in TLS: the offer of EXTERNAL means nothing (ejabberd makes it to everybody).
        (&ALL, Certificate::Withheld, true, "p=tls-exporter SCRAM-SHA-512-PLUS"),
        (&ALL, Certificate::Withheld, false, "error-sasl-certificate-not-offered"),
        (scram, Certificate::Shown(shown), true, "y SCRAM-SHA-256"),
        (scram, Certificate::Shown(shown), false, "error-sasl-certificate-not-offered"),
        (scram, Certificate::None, false, "error-sasl-no-password"),
        (&["EXTERNAL"], Certificate::None, true, "error-sasl-no-certificate"),
    ];
    for (mechanisms, certificate, password, expected) in rows {
        let means = Means { bindings: &both, certificate, password };
        let chosen = choose(&offer(mechanisms, KINDS), means, &Known::default());
        assert_eq!(name(chosen), expected, "{mechanisms:?} {certificate:?} {password}");
    }
}

#[test]
fn an_offer_below_the_floor_is_refused_and_what_is_missing_is_named() {
    let both = both();
    let (sha256, unbound) = ("SCRAM-SHA-256", ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"]);
    let exporter = Some("tls-exporter");
    type Row<'a> = (&'a [&'a str], Option<&'a [&'a str]>, Floor, &'a str);
    let rows: [Row<'_>; 14] = [
        // Weaker hash.
        (&["SCRAM-SHA-1", "PLAIN"], None, floor(sha256, None), "missing SCRAM-SHA-256"),
        // Stripped -PLUS.
        (&unbound, KINDS, floor("SCRAM-SHA-256-PLUS", exporter), "missing SCRAM-SHA-256-PLUS"),
        // Stripped binding types.
        (&ALL, None, floor("SCRAM-SHA-256-PLUS", exporter), "missing tls-exporter"),
        (&ALL, Some(&["tls-server-end-point"]), floor("SCRAM-SHA-256-PLUS", exporter), "missing tls-exporter"),
        // Weaker hash with a binding, stronger hash without: neither passes for both.
        (
            &["SCRAM-SHA-1-PLUS", "SCRAM-SHA-512"],
            KINDS,
            floor("SCRAM-SHA-256-PLUS", exporter),
            "missing SCRAM-SHA-256-PLUS",
        ),
        (&["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"], KINDS, floor(sha256, None), "missing SCRAM-SHA-256"),
        // The same, and more.
        (&["SCRAM-SHA-1", sha256], None, floor(sha256, None), "y SCRAM-SHA-256"),
        (&ALL, KINDS, floor(sha256, None), "p=tls-exporter SCRAM-SHA-512-PLUS"),
        (&ALL, KINDS, floor("SCRAM-SHA-256-PLUS", Some("tls-server-end-point")), "p=tls-exporter SCRAM-SHA-512-PLUS"),
        // A hash known without binding, and offered so still: better than a weaker one that binds.
        (&["SCRAM-SHA-512", "SCRAM-SHA-256-PLUS"], KINDS, floor("SCRAM-SHA-512", None), "n SCRAM-SHA-512"),
        // Of a later version.
        (&ALL, KINDS, floor("SCRAM-SHA3-512", None), "missing SCRAM-SHA3-512"),
        (&ALL, KINDS, floor("SCRAM-SHA-256-PLUS", Some("tls-later")), "missing tls-later"),
        (&["SCRAM-SHA-512"], None, floor("SCRAM-SHA-256", Some("tls-later")), "missing SCRAM-SHA-256"),
        // Nothing of ours at all is said as that.
        (&["PLAIN"], None, floor(sha256, None), "error-sasl-no-mechanism"),
    ];
    for (mechanisms, list, floor, expected) in rows {
        let chosen = choose(&offer(mechanisms, list), by_password(&both), &knowing(floor.clone()));
        assert_eq!(name(chosen), expected, "{mechanisms:?} {list:?} {floor:?}");
    }
}

#[test]
fn a_certificate_once_used_is_never_replaced_by_a_password() {
    let both = both();
    for certificate in [Certificate::Shown(&[]), Certificate::Withheld] {
        let means = Means { bindings: &both, certificate, password: true };
        let chosen = choose(&offer(&ALL[2..], KINDS), means, &certified());
        assert_eq!(name(chosen), "missing EXTERNAL", "{certificate:?}");
    }
    let means = Means { bindings: &both, certificate: Certificate::Shown(&[]), password: true };
    assert_eq!(name(choose(&offer(&ALL, KINDS), means, &knowing(floor("SCRAM-SHA-512", None)))), "EXTERNAL");
}

#[test]
fn each_ladder_holds_whatever_was_used_on_the_other() {
    let both = both();
    let known = Known { external: certified().external, ..knowing(floor("SCRAM-SHA-512-PLUS", Some("tls-exporter"))) };
    let weak = offer(&["SCRAM-SHA-1", "EXTERNAL"], KINDS);
    // The person took the certificate out of the profile: what passwords proved still counts.
    assert_eq!(name(choose(&weak, by_password(&both), &known)), "missing SCRAM-SHA-512-PLUS");
    assert_eq!(name(choose(&offer(&ALL, KINDS), by_password(&both), &known)), "p=tls-exporter SCRAM-SHA-512-PLUS");
    let means = Means { bindings: &both, certificate: Certificate::Withheld, password: true };
    assert_eq!(name(choose(&offer(&ALL, KINDS), means, &known)), "missing EXTERNAL");
}

/// `model::trust` knows them by name only.
#[test]
fn what_is_remembered_is_ordered_as_what_is_chosen() {
    let learned = |hash, flag| Choice::Scram { hash, flag }.raises(&Known::default(), false).unwrap();
    let flags = [Flag::Cannot, Flag::Bound(BindingKind::EndPoint), Flag::Bound(BindingKind::Exporter)];
    let hashes = [Hash::Sha1, Hash::Sha256, Hash::Sha512];
    let all: Vec<_> = hashes.iter().flat_map(|hash| flags.iter().map(move |flag| (*hash, *flag))).collect();
    for (hash, flag) in &all {
        for (other, bound) in &all {
            let mut known = Known::default();
            known.learn(&learned(*hash, *flag), DateTime::UNIX_EPOCH);
            known.learn(&learned(*other, *bound), DateTime::UNIX_EPOCH);
            let kind = |flag: &Flag| match flag {
                Flag::Bound(kind) => Some(*kind),
                _ => None,
            };
            let best = kind(flag).max(kind(bound)).map_or(Flag::Cannot, Flag::Bound);
            let mut expected = Known::default();
            expected.learn(&learned(*hash.max(other), best), DateTime::UNIX_EPOCH);
            assert_eq!(known, expected);
        }
    }
}

#[test]
fn a_floor_only_rises() {
    let scram = |hash, flag| Choice::Scram { hash, flag };
    let bound = Flag::Bound(BindingKind::Exporter);
    let learned = |choice: Choice, known: &Known, proved| match choice.raises(known, proved) {
        Some(Learned::Floor { mechanism, binding, offer_proved }) => {
            format!("{mechanism} {} {offer_proved}", binding.unwrap_or_default())
        }
        Some(Learned::External) => "EXTERNAL".to_owned(),
        _ => "nothing".to_owned(),
    };
    let plain = knowing(floor("SCRAM-SHA-256", None));
    assert_eq!(learned(scram(Hash::Sha256, Flag::Cannot), &Known::default(), false), "SCRAM-SHA-256  false");
    assert_eq!(learned(scram(Hash::Sha256, Flag::NotOffered), &plain, false), "nothing");
    assert_eq!(learned(scram(Hash::Sha256, Flag::Cannot), &plain, true), "SCRAM-SHA-256  true");
    assert_eq!(learned(scram(Hash::Sha512, bound), &plain, false), "SCRAM-SHA-512-PLUS tls-exporter false");
    let proved = knowing(Floor { offer_proved: true, ..floor("SCRAM-SHA-256", None) });
    assert_eq!(learned(scram(Hash::Sha256, bound), &proved, true), "SCRAM-SHA-256-PLUS tls-exporter true");
    assert_eq!(learned(Choice::External, &proved, false), "EXTERNAL");
    assert_eq!(learned(Choice::External, &certified(), false), "nothing");
    // The person took the certificate out of the profile: the other ladder is begun.
    assert_eq!(learned(scram(Hash::Sha256, Flag::Cannot), &certified(), false), "SCRAM-SHA-256  false");
}

#[test]
fn of_two_profiles_the_one_that_binds_is_taken_then_the_stronger_hash() {
    let scram = |hash, flag| Choice::Scram { hash, flag };
    let (exporter, end_point) = (Flag::Bound(BindingKind::Exporter), Flag::Bound(BindingKind::EndPoint));
    // Best first.
    let order = [
        Choice::External,
        scram(Hash::Sha256, exporter),
        scram(Hash::Sha1, exporter),
        scram(Hash::Sha512, end_point),
        scram(Hash::Sha512, Flag::NotOffered),
        scram(Hash::Sha256, Flag::Cannot),
    ];
    for (at, better) in order.iter().enumerate() {
        assert!(!better.beats(*better));
        for worse in &order[at + 1..] {
            assert!(better.beats(*worse) && !worse.beats(*better), "{better:?} {worse:?}");
        }
    }
}
