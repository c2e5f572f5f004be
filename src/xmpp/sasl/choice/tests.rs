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
        let chosen = choose(&offer(mechanisms, list), by_password(bindings), None);
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
        let error = choose(&offer(only, None), by_password(&both), None).unwrap_err();
        assert_eq!(error, Error::NoMechanism { offered: only.iter().map(|n| (*n).to_owned()).collect() });
        assert!(!error.retries());
        assert_eq!(error.say().args, [("offered", only.join(", "))]);
    }
    let nothing = choose(&Offer::default(), by_password(&both), None);
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
        let chosen = choose(&offer(mechanisms, KINDS), means, None);
        assert_eq!(name(chosen), expected, "{mechanisms:?} {certificate:?} {password}");
    }
}

#[test]
fn an_offer_below_the_floor_is_refused_and_what_is_missing_is_named() {
    let both = both();
    let (sha256, unbound) = ("SCRAM-SHA-256", ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"]);
    let exporter = Some("tls-exporter");
    type Row<'a> = (&'a [&'a str], Option<&'a [&'a str]>, Floor, &'a str);
    let rows: [Row<'_>; 13] = [
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
        // The person took the certificate out of the profile.
        (&ALL, KINDS, floor("EXTERNAL", None), "p=tls-exporter SCRAM-SHA-512-PLUS"),
        // Nothing of ours at all is said as that.
        (&["PLAIN"], None, floor(sha256, None), "error-sasl-no-mechanism"),
    ];
    for (mechanisms, list, floor, expected) in rows {
        let chosen = choose(&offer(mechanisms, list), by_password(&both), Some(&floor));
        assert_eq!(name(chosen), expected, "{mechanisms:?} {list:?} {floor:?}");
    }
}

#[test]
fn a_certificate_once_used_is_never_replaced_by_a_password() {
    let both = both();
    let external = floor("EXTERNAL", None);
    for certificate in [Certificate::Shown(&[]), Certificate::Withheld] {
        let means = Means { bindings: &both, certificate, password: true };
        let chosen = choose(&offer(&ALL[2..], KINDS), means, Some(&external));
        assert_eq!(name(chosen), "missing EXTERNAL", "{certificate:?}");
    }
    let means = Means { bindings: &both, certificate: Certificate::Shown(&[]), password: true };
    assert_eq!(name(choose(&offer(&ALL, KINDS), means, Some(&floor("SCRAM-SHA-512", None)))), "EXTERNAL");
}

#[test]
fn a_floor_only_rises() {
    let scram = |hash, flag| Choice::Scram { hash, flag };
    let bound = Flag::Bound(BindingKind::Exporter);
    let learned = |choice: Choice, known: Option<&Floor>, proved| match choice.raises(known, proved) {
        Some(Learned::Floor { mechanism, binding, offer_proved }) => {
            format!("{mechanism} {} {offer_proved}", binding.unwrap_or_default())
        }
        _ => "nothing".to_owned(),
    };
    let plain = floor("SCRAM-SHA-256", None);
    assert_eq!(learned(scram(Hash::Sha256, Flag::Cannot), None, false), "SCRAM-SHA-256  false");
    assert_eq!(learned(scram(Hash::Sha256, Flag::NotOffered), Some(&plain), false), "nothing");
    assert_eq!(learned(scram(Hash::Sha256, Flag::Cannot), Some(&plain), true), "SCRAM-SHA-256  true");
    assert_eq!(learned(scram(Hash::Sha512, bound), Some(&plain), false), "SCRAM-SHA-512-PLUS tls-exporter false");
    let proved = Floor { offer_proved: true, ..plain.clone() };
    assert_eq!(learned(scram(Hash::Sha256, bound), Some(&proved), true), "SCRAM-SHA-256-PLUS tls-exporter true");
    assert_eq!(learned(Choice::External, Some(&proved), false), "EXTERNAL  false");
    assert_eq!(learned(Choice::External, Some(&floor("EXTERNAL", None)), false), "nothing");
    // The person took the certificate out of the profile: the other ladder is begun anew.
    let bare = scram(Hash::Sha256, Flag::Cannot);
    assert_eq!(learned(bare, Some(&floor("EXTERNAL", None)), false), "SCRAM-SHA-256  false");
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
