//! Hostile text: what each of the ways to mislead an eye looks like when it is shown.

use gridwatch::model::typed::refang;
use gridwatch::model::{Observable, ObservableKind, Typed};
use gridwatch::text::{self, ascii, block, block_within, defang, line, line_within, lookalike, mixes_scripts};
use proptest::prelude::*;

#[test]
fn lines() {
    for (remote, shown) in [
        ("", ""),
        ("plain", "plain"),
        ("  two \t words \r\n", "two words"),
        ("a\u{a0}b\u{3000}c\u{2003}d\u{202f}e", "a b c d e"),
        ("a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
        ("Grüße 東京 Ελλάδα", "Grüße 東京 Ελλάδα"),
        ("שלום", "שלום"),
        ("a<b>&c", "a<b>&c"),
        // Direction.
        ("invoice\u{202e}fdp.exe", "invoice⟨U+202E⟩fdp.exe"),
        ("a\u{202a}b\u{202b}c\u{202c}d\u{202d}e", "a⟨U+202A⟩b⟨U+202B⟩c⟨U+202C⟩d⟨U+202D⟩e"),
        ("\u{2066}a\u{2067}b\u{2068}c\u{2069}", "⟨U+2066⟩a⟨U+2067⟩b⟨U+2068⟩c⟨U+2069⟩"),
        ("a\u{200e}b\u{200f}c\u{61c}d", "a⟨U+200E⟩b⟨U+200F⟩c⟨U+061C⟩d"),
        // Nothing to see.
        ("pay\u{200b}pal", "pay⟨U+200B⟩pal"),
        ("a\u{200c}b\u{200d}c", "a⟨U+200C⟩b⟨U+200D⟩c"),
        ("a\u{2060}b\u{feff}c", "a⟨U+2060⟩b⟨U+FEFF⟩c"),
        ("soft\u{ad}hyphen", "soft⟨U+00AD⟩hyphen"),
        ("a\u{3164}b\u{ffa0}c\u{115f}d\u{1160}e", "a⟨U+3164⟩b⟨U+FFA0⟩c⟨U+115F⟩d⟨U+1160⟩e"),
        ("a\u{2800}b", "a⟨U+2800⟩b"),
        ("a\u{180e}b", "a⟨U+180E⟩b"),
        ("a\u{206a}b\u{2064}c", "a⟨U+206A⟩b⟨U+2064⟩c"),
        ("\u{e0001}\u{e0041}x", "⟨U+E0001⟩⟨U+E0041⟩x"),
        ("x\u{fe0f}y\u{e0100}z", "x⟨U+FE0F⟩y⟨U+E0100⟩z"),
        ("\u{1d173}a", "⟨U+1D173⟩a"),
        // Controls and what is no character.
        ("a\u{0}b", "a⟨U+0000⟩b"),
        ("\u{1b}[31mred\u{1b}[0m", "⟨U+001B⟩[31mred⟨U+001B⟩[0m"),
        ("bell\u{7}del\u{7f}", "bell⟨U+0007⟩del⟨U+007F⟩"),
        ("c1\u{9b}31m", "c1⟨U+009B⟩31m"),
        ("a\u{fffe}b\u{ffff}c\u{fdd0}d\u{1fffe}", "a⟨U+FFFE⟩b⟨U+FFFF⟩c⟨U+FDD0⟩d⟨U+1FFFE⟩"),
        ("\u{fff9}a\u{fffa}b\u{fffb}", "⟨U+FFF9⟩a⟨U+FFFA⟩b⟨U+FFFB⟩"),
        // Private use could be our own icons.
        ("\u{e000}ok\u{f8ff}\u{f0000}", "⟨U+E000⟩ok⟨U+F8FF⟩⟨U+F0000⟩"),
        // Marks upon marks.
        ("e\u{301}", "e\u{301}"),
        ("z\u{301}\u{302}\u{303}\u{304}", "z\u{301}\u{302}\u{303}\u{304}"),
        ("z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}y", "z\u{301}\u{302}\u{303}\u{304}⟨+2⟩y"),
        ("\u{301}\u{301}\u{301}\u{301}\u{301}", "\u{301}\u{301}\u{301}\u{301}⟨+1⟩"),
        ("a\u{34f}b", "a⟨U+034F⟩b"),
        ("\u{fffd}", "\u{fffd}"),
    ] {
        assert_eq!(line(remote), shown, "{remote:?}");
    }
}

#[test]
fn caps() {
    assert_eq!(line_within("abcdef", 6), "abcdef");
    assert_eq!(line_within("abcdefg", 6), "abcdef…");
    assert_eq!(line_within("ab cdefg", 4), "ab c…");
    assert_eq!(line_within("abc defg", 4), "abc…");
    assert_eq!(line_within("abc     ", 3), "abc");
    assert_eq!(line_within("x", 0), "…");
    assert_eq!(line(&"é".repeat(10_000_000)).chars().count(), text::LINE + 1);
    assert!(line(&format!("a{}", "\u{301}".repeat(100_000))).len() < 64, "combining marks count as characters");
    assert_eq!(block_within("a\nb\nc\nd", 99, 3), "a\nb\nc…");
    assert_eq!(block_within("a\nb\nc\n\n", 99, 3), "a\nb\nc");
    assert_eq!(block_within("abcdef", 3, 9), "abc…");
    assert_eq!(block(&"\n".repeat(1_000_000)), "");
    assert_eq!(block(&"x\n".repeat(1_000_000)).lines().count(), text::LINES);
    assert_eq!(text::cap("äöü", 2), "ä…");
    assert_eq!(text::one_line(" a \n b  ", 99), "a b");
    assert_eq!(text::one_line(&"word ".repeat(100_000), 9), "word wor…");
}

proptest! {
    /// Most texts are one line as they stand, and taken so.
    #[test]
    fn a_line_is_its_words_whatever_it_is_made_of(text in "[ -~\\t\x7f\u{a0}é]{0,12}", plain in "[!-~]{1,3}( [!-~]{1,3}){0,3}", most in 1..9_usize) {
        for text in [text, plain] {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(text::one_line(&text, most), text::cap(&words, most));
        }
    }
}

#[test]
fn blocks() {
    for (remote, shown) in [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u{2028}b\u{85}c", "a\nb\nc"),
        ("  in\tdent", "  in dent"),
        ("up\u{202e}down\nnext", "up⟨U+202E⟩down\nnext"),
        ("a\u{b}b\u{c}c", "a b c"),
        ("nul\u{0}", "nul⟨U+0000⟩"),
    ] {
        assert_eq!(block(remote), shown, "{remote:?}");
    }
}

#[test]
fn defanging() {
    for (value, shown) in [
        ("192.0.2.1", "192[.]0[.]2[.]1"),
        ("192.0.2.0/24", "192[.]0[.]2[.]0/24"),
        ("192.0.2.1:8080", "192[.]0[.]2[.]1:8080"),
        ("2001:db8::1", "2001[:]db8[:][:]1"),
        ("2001:db8::/32", "2001[:]db8[:][:]/32"),
        ("::ffff:192.0.2.1", "[:][:]ffff[:]192[.]0[.]2[.]1"),
        ("bad.example", "bad[.]example"),
        ("www.bad.example.", "www[.]bad[.]example[.]"),
        ("drop@bad.example", "drop[@]bad[.]example"),
        ("http://bad.example/a.b?c=d.e", "hxxp://bad[.]example/a.b?c=d.e"),
        ("HTTPS://bad.example", "hxxps://bad[.]example"),
        ("ftp://u@bad.example:21/x", "fxp://u[@]bad[.]example:21/x"),
        ("https://bad.example?x=/", "hxxps://bad[.]example?x=/"),
        ("hxxp://bad[.]example/", "hxxp://bad[.]example/"),
        ("bad[.]example", "bad[.]example"),
        ("drop[@]bad[.]example", "drop[@]bad[.]example"),
        ("02:00:5e:10:00:01", "02:00:5e:10:00:01"),
        ("64500", "64500"),
        ("", ""),
        (" bad.example\n", "bad[.]example"),
    ] {
        assert_eq!(defang(value), shown, "{value:?}");
        assert_eq!(defang(&defang(value)), shown, "{value:?} twice");
    }
}

#[test]
fn observables_by_kind() {
    for (kind, value, shown) in [
        (ObservableKind::Domain, "bad\u{202e}.example", "bad⟨U+202E⟩[.]example"),
        (ObservableKind::Url, "http://bad.example/", "hxxp://bad[.]example/"),
        (ObservableKind::File, "a.exe", "a.exe"),
        (ObservableKind::Port, "22,80-90", "22,80-90"),
    ] {
        assert_eq!(text::observable(&Observable { kind, value: value.to_owned() }), shown);
    }
}

#[test]
fn addresses_that_are_not_what_they_look_like() {
    for (address, plain, ascii_form, mixed) in [
        ("analyst@csirt.example", None, None, false),
        ("b\u{fc}cher.example", None, Some("xn--bcher-kva.example"), false),
        // Cyrillic а in a Latin word; a word all of Cyrillic; Greek omicron.
        ("\u{430}dmin@csirt.example", Some("admin@csirt.example"), Some("⟨U+0430⟩dmin@csirt.example"), true),
        ("ops@\u{440}\u{430}\u{443}.example", Some("ops@pay.example"), Some("ops@xn--80a5ak.example"), false),
        ("n\u{3bf}c@csirt.example", Some("noc@csirt.example"), Some("n⟨U+03BF⟩c@csirt.example"), true),
        ("東京@grid.example", None, Some("⟨U+6771⟩⟨U+4EAC⟩@grid.example"), false),
        ("a@b.example/\u{202e}desk", Some("a@b.example/desk"), Some("a@b.example/⟨U+202E⟩desk"), false),
    ] {
        assert_eq!(lookalike(address).as_deref(), plain, "{address:?}");
        assert_eq!(ascii(address).as_deref(), ascii_form, "{address:?}");
        assert_eq!(mixes_scripts(address), mixed, "{address:?}");
    }
}

proptest! {
    #[test]
    fn nothing_deceptive_is_shown(remote in any::<String>(), most in 0usize..50) {
        for shown in [line_within(&remote, most), block_within(&remote, most, 5)] {
            prop_assert!(!shown.chars().any(|char| char != '\n' && text::is_deceptive(char)), "{shown:?}");
        }
        prop_assert!(!line_within(&remote, most).contains('\n'));
    }

    #[test]
    fn refanging_undoes_defanging(value in prop_oneof![
        any::<std::net::Ipv4Addr>().prop_map(|ip| ip.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|ip| ip.to_string()),
        "[a-z]{1,8}\\.[a-z]{1,8}\\.example",
        "[a-z]{1,8}@[a-z]{1,8}\\.example",
        "(http|https|ftp)://[a-z]{1,8}\\.example/[a-z./?=]{0,12}",
    ]) {
        prop_assert_eq!(refang(&defang(&value)), value.clone());
        prop_assert_eq!(Typed::read(&defang(&value)), Typed::read(&value));
    }
}
