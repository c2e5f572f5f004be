//! Values found in the texts people paste, and what is none.

use super::*;

fn read(text: &str) -> Vec<String> {
    extract(text).into_iter().map(|one| shown(&one)).collect()
}

fn shown(one: &Extract) -> String {
    let port = one.port.map(|port| format!(" port {port}")).unwrap_or_default();
    let doubt = one.doubt.map(|doubt| format!(" {doubt:?}?")).unwrap_or_default();
    format!("{} {}{port}{doubt}", one.kind.token(), one.value)
}

#[test]
fn each_kind_as_people_write_it() {
    const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (text, expected) in [
        ("192.0.2.1", "ipv4 192.0.2.1"),
        ("from 192[.]0[.]2[.]1, then", "ipv4 192.0.2.1"),
        ("192(dot)0(DOT)2{.}1", "ipv4 192.0.2.1"),
        ("192.0.2.1:8080", "ipv4 192.0.2.1 port 8080"),
        ("src=192.0.2.1 dst=198.51.100.2", "ipv4 192.0.2.1|ipv4 198.51.100.2"),
        ("192.0.2.1-192.0.2.9", "ipv4 192.0.2.1|ipv4 192.0.2.9"),
        ("(192.0.2.1).", "ipv4 192.0.2.1"),
        ("192.0.2.77/24", "network 192.0.2.0/24"),
        ("192.0.2.0/255.255.255.0", "network 192.0.2.0/24"),
        ("2001:DB8::1", "ipv6 2001:db8::1"),
        ("2001[:]db8[:][:]1", "ipv6 2001:db8::1"),
        ("[2001:db8::1]:443", "ipv6 2001:db8::1 port 443"),
        ("src:2001:db8::1.", "ipv6 2001:db8::1"),
        ("fe80::1%eth0", "ipv6 fe80::1"),
        ("2001:db8:77:1::/48", "network 2001:db8:77::/48"),
        ("AS64500, ASN64501, as64502 and AS 64503", "asn AS64500|asn AS64501|asn AS64502|asn AS64503"),
        ("bad.example.com", "domain bad.example.com"),
        ("Bad[.]Example[.]com.", "domain bad.example.com"),
        ("bad [dot] example [dot] com now", "domain bad.example.com"),
        ("*.bad.com", "domain bad.com"),
        ("bad.com:8443", "domain bad.com port 8443"),
        ("b\u{fc}cher.example", "domain xn--bcher-kva.example"),
        ("b\u{200b}ad.com", "domain bad.com"),
        ("evil[.]nosuchtld", "domain evil.nosuchtld Ending?"),
        ("hxxps://bad[.]example/a?b=1", "url https://bad.example/a?b=1"),
        ("hXXp[:]//198.51.100[.]9:8080/x", "url http://198.51.100.9:8080/x"),
        ("h**p://bad.com/", "url http://bad.com/"),
        ("HTTP://u@B\u{fc}cher.example/A", "url http://u@xn--bcher-kva.example/A"),
        ("http://[2001:DB8::1]:80/x", "url http://[2001:db8::1]:80/x"),
        ("(see http://bad.com/a_(b)).", "url http://bad.com/a_(b)"),
        ("<a href=\"http://bad.com/a,b\">", "url http://bad.com/a,b"),
        ("http://a.com/1,http://b.com/2", "url http://a.com/1|url http://b.com/2"),
        ("tcp://192.0.2.1:4444", "url tcp://192.0.2.1:4444"),
        ("bad[.]com/gate.php", "url http://bad.com/gate.php Scheme?"),
        ("192.0.2.1:8080/x.bin", "url http://192.0.2.1:8080/x.bin Scheme?"),
        ("drop[@]bad[.]com", "email drop@bad.com"),
        ("drop (at) bad (dot) com", "email drop@bad.com"),
        ("<Drop@Bad.com>, mailto:x@bad.com", "email Drop@bad.com|email x@bad.com"),
        (MD5, "hash d41d8cd98f00b204e9800998ecf8427e"),
        ("md5:D41D8CD98F00B204E9800998ECF8427E", "hash d41d8cd98f00b204e9800998ecf8427e"),
        ("cve-2024-1234, CVE-2024-56789/CVE-2023-0001", "cve CVE-2024-1234|cve CVE-2024-56789|cve CVE-2023-0001"),
        ("CVE\u{2011}2024\u{2011}1234", "cve CVE-2024-1234"),
        ("setup.exe", "file setup.exe"),
        ("C:\\Program Files\\x y\\Evil.exe was", "file C:\\Program Files\\x y\\Evil.exe"),
        ("ran /tmp/.x/evil.sh;", "file /tmp/.x/evil.sh"),
        ("\\\\files.bad.com\\share\\a.dll", "file \\\\files.bad.com\\share\\a.dll|domain files.bad.com"),
        ("report.zip", "file report.zip FileOrDomain?"),
        ("report[.]zip", "domain report.zip FileOrDomain?"),
        ("setup[.]exe", "file setup.exe"),
        ("a.b.zip", "domain a.b.zip"),
        ("02-00-5E-10-00-01", "mac 02:00:5e:10:00:01"),
        ("0200.5e10.0001", "mac 02:00:5e:10:00:01"),
    ] {
        assert_eq!(read(text).join("|"), expected, "{text:?}");
    }
    assert_eq!(read(&format!("sha256={sha256};")), [format!("hash {sha256}")]);
    let colons: Vec<&str> = sha256.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    assert_eq!(read(&colons.join(":")), [format!("hash {sha256}")]);
}

#[test]
fn what_only_looks_like_a_value() {
    for text in [
        "",
        "hello, world. Next sentence",
        "12:34:56 and 2026-11-22T10:00:00Z, 22.11.2026 10:00",
        "and/or, text/html, 1.2.3, 1.2.3.4.5, 192.0.2.300, 1.3.6.1.4.1.311",
        "std::string a::b()",
        "e.g. this, i.e. that",
        "ASP.NET and Node.js, ASCII, AS, as 12",
        "00000000000000000000000000000000",
        "12345678901234567890123456789012",
        "d41d8cd98f00b204e9800998ecf8427",
        "d41d8cd98f00b204e9800998ecf8427ef",
        "550e8400-e29b-41d4-a716-446655440000",
        "CVE-24-1, CVE-2024-12",
        "Message-ID: <20261122.ABC@mail.bad.com>",
        "@name and a@b",
        "HKLM\\Software\\Microsoft\\Windows\\Run",
        "CORP\\alice",
        "foo.bar() x.y",
        "$12.50, 3.5 GB, v1.2",
    ] {
        let found = read(text);
        assert!(found.is_empty(), "{text:?}: {found:?}");
    }
    for (text, expected) in [
        ("OpenSSL version 1.0.2.1 is old", "ipv4 1.0.2.1 Version?"),
        ("Chrome/120.0.1.2 said", "ipv4 120.0.1.2 Version?"),
        ("see 3.1.2.4 below", "ipv4 3.1.2.4 Version?"),
        ("resolver 1.1.1.1", "ipv4 1.1.1.1"),
        ("9.9.9.9", "ipv4 9.9.9.9"),
        ("it was done.It began", "domain done.it Sentence?"),
        ("dead::beef in code", "ipv6 dead::beef Words?"),
    ] {
        assert_eq!(read(text).join("|"), expected, "{text:?}");
    }
}

#[test]
fn places_are_those_of_the_text() {
    let text =
        "first line\nsee hxxp[:]//bad[.]com/a and\r\n\u{201c}192[.]0.2.1\u{201d} \u{fc}\u{200b}x\u{200b}.bad[.]com";
    let all = extract(text);
    let written: Vec<&str> = all.iter().map(|one| text.get(one.span.clone()).unwrap()).collect();
    assert_eq!(written, ["hxxp[:]//bad[.]com/a", "192[.]0.2.1", "\u{fc}\u{200b}x\u{200b}.bad[.]com"]);
}

#[test]
fn a_mail_as_it_came() {
    let text = "Return-Path: <bounce@mailer.bad.com>\n\
        Received: from mx.bad.com (unknown [198.51.100.7])\n\tby mail.ours.org (Postfix) with ESMTPS id 4F2C1A9D33\n\
        \tfor <alice@ours.org>; Sun, 22 Nov 2026 09:10:11 +0000 (UTC)\n\
        Message-ID:\n\t<abc.123@mx.bad.com>\nReferences: <x@y.com> https://kept.com/a\n\
        From: \"Bank, Your\" <support@bank-secure.com>\nSubject: Invoice.pdf\n\nClick hxxps://bank-secure[.]com/login?u=alice@ours.org now!\n";
    assert_eq!(
        read(text),
        [
            "email bounce@mailer.bad.com",
            "domain mx.bad.com",
            "ipv4 198.51.100.7",
            "domain mail.ours.org",
            "email alice@ours.org",
            "url https://kept.com/a",
            "email support@bank-secure.com",
            "file Invoice.pdf",
            "url https://bank-secure.com/login?u=alice@ours.org",
        ]
    );
}

#[test]
fn a_table_with_quotes() {
    let text = "date,ip,url,note\n2026-11-20,203.0.113.9,http://a.com/x,\"one, two.com\"\n2026-11-20,203.0.113.10:80,\"http://b.com/x,y\",-\n";
    assert_eq!(
        read(text),
        [
            "ipv4 203.0.113.9",
            "url http://a.com/x",
            "domain two.com",
            "ipv4 203.0.113.10 port 80",
            "url http://b.com/x,y",
        ]
    );
}

/// The shortest of three: what else runs on the machine does not count.
fn time(text: &str) -> std::time::Duration {
    let once = |_| {
        let began = std::time::Instant::now();
        let _ = extract(text);
        began.elapsed()
    };
    (0..3).map(once).min().unwrap_or_default()
}

#[test]
fn hostile_lengths_take_time_by_their_length() {
    let units = [
        "a.",
        "a@",
        "://",
        "http://",
        "1.",
        "::",
        "a:",
        "((",
        "[.",
        "\\",
        "C:\\a ",
        "\u{200b}",
        "x.zip/",
        "AS",
        "cve-",
        "\u{4e2d}.a",
        "(",
        "=",
        "h**p",
        ")",
        "-1.1.1.1",
        "1.2.3.4/",
        "[a]",
        "a.com ",
        "--a.com--",
    ];
    for unit in units {
        for before in ["", "http://a.com/", "a.com "] {
            let long = |bytes: usize| format!("{before}{}", unit.repeat(bytes / unit.len()));
            // Four times the length: four times as long, and sixteen times where it is looked through again and again. What
            // else the machine does makes it longer at times, and never shorter.
            let tries = (0..8).map(|_| (time(&long(25_000)), time(&long(100_000))));
            let mut tries =
                tries.map(|(short, long)| (long < short * 9 + std::time::Duration::from_millis(20), short, long));
            assert!(
                tries.any(|(is_so, ..)| is_so),
                "{before:?} {unit:?}: {:?} {:?}",
                time(&long(25_000)),
                time(&long(100_000))
            );
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_and_places_are_sound(text in "[ -~\u{a0}-\u{ff}\u{200b}\u{ff0e}\n\\[\\].:/@]{0,200}") {
        for one in extract(&text) {
            proptest::prop_assert!(text.get(one.span.clone()).is_some_and(|written| !written.is_empty()), "{:?}", one);
        }
    }
}
