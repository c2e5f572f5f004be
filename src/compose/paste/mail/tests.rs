//! Mails as they come: what they hide is found, each attachment is told, and no mail holds the reader up.

use super::super::Paste;
use super::*;
use crate::model::ObservableKind;
use base64::engine::general_purpose::STANDARD;

fn values(pasted: &str) -> Vec<(ObservableKind, String)> {
    Paste::read(pasted).entries.into_iter().map(|entry| (entry.kind, entry.value)).collect()
}

fn mail() -> String {
    let plain = "Bitte pr=C3=BCfen: http://kit.example.net/owa/very-long-path-that-quoted-printable-=\r\n\
                 breaks/login?a=3D1\r\n";
    let html = "<style>p{background:url(http://style.example.net/x)}</style><!-- http://comment.example.net -->\
                <p>Your <b>ac</b>count at ba<i>nk</i>.example.com</p><a title='a>b' href=\"http://198.51.100.7/\
                ?u=1&amp;t=2\">https://bank.example.com/</a>&#104;ttp&colon;//entity.example.net/\
                <img src=\"data:image/png;base64,AAAA\">";
    let html = STANDARD.encode(html);
    let html: Vec<&str> = html.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let bytes = STANDARD.encode(b"MZ not a program");
    format!(
        "Return-Path: <bounce@sender.example.org>\r\nReceived: from mx (mx.sender.example.org [203.0.113.9])\r\n\
         From: =?utf-8?q?Billing_=3Cpay=40lure=2Eexample=2Enet=3E?= <billing@sender.example.org>\r\n\
         Subject: =?utf-8?b?{}?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\n\
         --x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n\
         --y\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{plain}\
         --y\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--y--\r\n\
         --x\r\nContent-Type: application/octet-stream; name=\"invoice.exe\"\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"invoice.exe\"\r\n\r\n{bytes}\r\n\
         --x--\r\n",
        STANDARD.encode("Pay now at https://subject.example.net/"),
        html.join("\r\n"),
    )
}

#[test]
fn what_a_mail_hides_is_found() {
    let found = values(&mail());
    let digest = text::hex(&Sha256::digest(b"MZ not a program"));
    for (kind, value) in [
        (ObservableKind::Ipv4, "203.0.113.9"),
        (ObservableKind::Email, "billing@sender.example.org"),
        (ObservableKind::Email, "pay@lure.example.net"),
        (ObservableKind::Url, "https://subject.example.net/"),
        (ObservableKind::Url, "http://kit.example.net/owa/very-long-path-that-quoted-printable-breaks/login?a=1"),
        (ObservableKind::Url, "http://198.51.100.7/?u=1&t=2"),
        (ObservableKind::Url, "https://bank.example.com/"),
        (ObservableKind::Url, "http://entity.example.net/"),
        (ObservableKind::Domain, "bank.example.com"),
        (ObservableKind::File, "invoice.exe"),
        (ObservableKind::Hash, digest.as_str()),
    ] {
        assert!(found.contains(&(kind, value.to_owned())), "{kind:?} {value}: {found:#?}");
    }
    let none = ["style.example.net", "comment.example.net", "image/png"];
    assert!(found.iter().all(|(_, value)| none.iter().all(|none| !value.contains(none))), "{found:#?}");
    assert!(Paste::read(&mail()).mail);
}

#[test]
fn what_is_no_mail_or_hides_nothing_is_read_as_it_is() {
    for pasted in [
        "From: a@x.example\nTo: b@x.example\nSubject: plain\n\nhttp://kit.example/=3D",
        "just text with =?utf-8?q?x?= in it",
        "Content-Type: text/html\n\n<a href=x>",
        "time,src\n10:00:01 from: 192.0.2.1 to: 192.0.2.2 multipart/mixed",
        "",
    ] {
        assert_eq!(opened(pasted), None, "{pasted}");
    }
    assert!(!Paste::read("192.0.2.1").mail);
}

#[test]
fn a_mail_forwarded_in_a_mail_is_opened_and_no_deeper_than_bounded() {
    let mut mail = mail();
    for _ in 0..3 {
        mail = format!(
            "From: a@x.example\r\nSubject: fwd\r\nContent-Type: multipart/mixed; boundary=z{0}\r\n\r\n--z{0}\r\n\
             Content-Type: message/rfc822\r\n\r\n{mail}\r\n--z{0}--\r\n",
            mail.len()
        );
    }
    assert!(values(&mail).iter().any(|(_, value)| value.starts_with("http://kit.example.net/")));
    for _ in 0..200 {
        mail = format!(
            "From: a@x.example\r\nSubject: f\r\nContent-Type: message/rfc822\r\nMIME-Version: 1.0\r\n\r\n{mail}"
        );
    }
    // What lies deeper is text as it stands: it is there once, and no more is read than there was.
    let pasted = mail.replace("MIME-Version", "X: =?q?q?x?=\r\nMIME-Version");
    let text = opened(&pasted).unwrap();
    assert!(text.contains("Subject: fwd") && text.len() < 2 * pasted.len(), "{} of {}", text.len(), pasted.len());
}

#[test]
fn an_attachment_of_text_is_read_besides_being_hashed() {
    let list = "indicator,kind\r\n198.51.100.23,ip\r\nlist.example.net,domain\r\n";
    let attached = |head: &str, content: &[u8]| {
        format!(
            "From: a@x.example\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n{head}\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--z--\r\n",
            STANDARD.encode(content)
        )
    };
    let digest = |content: &[u8]| (ObservableKind::Hash, text::hex(&Sha256::digest(content)));
    for head in [
        "Content-Type: text/csv; name=\"iocs.csv\"",
        "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=iocs.csv",
        "Content-Type: application/octet-stream; name=iocs.csv",
    ] {
        let found = values(&attached(head, list.as_bytes()));
        for value in [
            digest(list.as_bytes()),
            (ObservableKind::Ipv4, "198.51.100.23".to_owned()),
            (ObservableKind::Domain, "list.example.net".to_owned()),
        ] {
            assert!(found.contains(&value), "{head} {value:?}: {found:#?}");
        }
    }
    let page = b"<p>at <a href='http://page.example.net/x'>it</a></p>";
    let found = values(&attached("Content-Type: text/html; name=page.htm", page));
    assert!(found.contains(&digest(page)) && found.iter().any(|(_, value)| value == "http://page.example.net/x"));
    // What is none is hashed alone.
    let program = b"MZ\0\x01 http://inside.example.net/ \xff";
    let found = values(&attached("Content-Type: application/octet-stream; name=a.bin", program));
    assert!(found.contains(&digest(program)) && !found.iter().any(|(_, value)| value.contains("inside")), "{found:?}");
}

#[test]
fn names_are_read_however_they_are_written() {
    for (value, name) in [
        ("attachment; filename=\"a b.exe\"", "a b.exe"),
        ("attachment; filename*=utf-8''%e2%82%ac%20rechnung.exe", "\u{20ac} rechnung.exe"),
        ("attachment; filename=plain.txt; filename*=UTF-8'de'r%C3%A4t.exe", "r\u{e4}t.exe"),
        ("attachment; filename*0=\"long-\"; filename*1=name; filename*2=.exe", "long-name.exe"),
        ("attachment; filename*0*=us-ascii'en'a%20; filename*1*=%62; filename*2=\".%63\"", "a b.%63"),
        ("attachment; filename*=no-set.exe", "no-set.exe"),
        ("attachment; filename*=utf-8''100%.exe", "100%.exe"),
    ] {
        assert_eq!(called(value, "filename").as_deref(), Some(name), "{value}");
    }
    assert_eq!(called("attachment; size=1", "filename"), None);
}

#[test]
fn a_box_of_mails_is_opened_mail_by_mail() {
    let boxed = format!(
        "From bounce@envelope.example.org Sat Nov 21 16:05:00 2026\n{}\n\nFrom -  Sat Nov 21 16:06:00 2026\n\
         From: c@x.example\nSubject: s\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n\
         <a href=3D\"http://second.example.net/a=3D=\nb\">x</a>\n>From here on\n",
        mail().replace("\r\n", "\n")
    );
    let found = values(&boxed);
    let has = |value: &str| found.iter().any(|(_, own)| own == value);
    for value in ["bounce@envelope.example.org", "https://subject.example.net/", "http://second.example.net/a=b"] {
        assert!(has(value), "{value}: {found:#?}");
    }
    // A sentence is no box.
    assert_eq!(opened("From here we saw:\nSubject: =?utf-8?q?x?=\n\n192.0.2.1"), None);
}

#[test]
fn words_that_never_end_are_read_in_one_pass() {
    let mail = |end: &str| {
        let begun = "=?a?b?x ".repeat(1 << 18);
        format!("From: a@x.example\r\nSubject: {begun}{end}\r\n\r\nhttp://kit.example.net/")
    };
    let began = std::time::Instant::now();
    for end in ["", "?=", "?= =?a?b?x"] {
        let text = opened(&mail(end)).unwrap();
        assert!(text.ends_with("http://kit.example.net/\n"));
    }
    // A look at all the rest for each of them would take many minutes.
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

proptest::proptest! {
    #[test]
    fn any_page_is_read_to_its_end(html in "(<[a-z/!-]{0,6}|[ =\"'&;#x0-9a-f>]{0,5}|href|style|\\PC){0,60}") {
        let mut out = String::new();
        shown(&html, &mut out);
        for (sort, how) in [("text/html", "quoted-printable"), ("multipart/x; boundary=\"x\"", "base64"), ("message/x", "base64")] {
            let pasted = format!("From: {html}\nTo: b\nContent-Type: {sort}\nContent-Transfer-Encoding: {how}\n\n{html}\n--x\n{html}");
            // Fields stand there twice where they are spoken; nothing grows beyond that, but for digests.
            let text = opened(&pasted).unwrap_or_default();
            proptest::prop_assert!(text.len() <= 4 * pasted.len() + 400, "{} of {}", text.len(), pasted.len());
        }
    }
}
