//! A pattern never matches more than the document says, the sheet never claims what was lost, and no page of XML is
//! multiplied into more than a machine holds.

use gridwatch::iodef::{Document, export};
use serde_json::Value;

use super::documents::words;

/// A document of one incident with `inside` after its times.
fn incident(inside: &str) -> Document {
    let text = format!(
        "<IODEF-Document version=\"2.00\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><Incident purpose=\"watch\" restriction=\"white\">\
         <IncidentID name=\"c\">1</IncidentID><GenerationTime>2026-03-04T10:15:00Z</GenerationTime>{inside}</Incident>\
         </IODEF-Document>"
    );
    Document::read(text.into_bytes(), &[]).unwrap()
}

fn indicator(number: &str, inside: &str) -> String {
    format!("<Indicator><IndicatorID name=\"c\" version=\"1\">{number}</IndicatorID>{inside}</Indicator>")
}

fn bundle(document: &Document) -> (Vec<Value>, export::Carried, String) {
    let export = export::stix(document, &words);
    let text = String::from_utf8(export.bytes).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    (whole["objects"].as_array().unwrap().clone(), export.sheet, text)
}

const RED: &str = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";

fn event(document: &Document) -> Value {
    let whole: Value = serde_json::from_slice(&export::misp(document, &words).bytes).unwrap();
    whole["Event"].clone()
}

/// The pattern of an indicator that looks for `observable`, and the keys of what was remarked.
fn pattern(observable: &str) -> (Option<String>, Vec<&'static str>) {
    let inside = indicator("i", observable);
    let (objects, sheet, _) = bundle(&incident(&format!("<IndicatorData>{inside}</IndicatorData>")));
    let found = objects.iter().find(|object| object["type"] == "indicator");
    let pattern = found.map(|object| object["pattern"].as_str().unwrap().to_owned());
    (pattern, sheet.remarks.iter().map(|say| say.key).collect())
}

fn seen(inside: &str) -> String {
    format!("<Observable>{inside}</Observable>")
}

fn system(address: &str, service: &str) -> String {
    seen(&format!("<System><Node>{address}</Node>{service}</System>"))
}

fn address(category: &str, text: &str) -> String {
    format!("<Address category=\"{category}\">{text}</Address>")
}

const HTTPS: &str = "<Service ip-protocol=\"6\"><Port>443</Port></Service>";

#[test]
fn a_port_without_its_host_is_no_pattern() {
    for host in [
        address("ipv4-addr", "198[.]51[.]100[.]7"),
        address("asn", "64500"),
        address("ipv4-addr", "300.1.1.1"),
        "<DomainData system-status=\"unknown\" domain-status=\"unknown\"><Name>bad[.]example</Name></DomainData>"
            .into(),
        String::new(),
    ] {
        let (pattern, told) = pattern(&system(&host, HTTPS));
        assert_eq!(pattern, None, "{host}");
        assert!(told.contains(&"export-reason-mute"), "{host}: {told:?}");
    }
    // The port alone is what this one says, and a person is told.
    let (pattern, told) = pattern(&seen(HTTPS));
    assert!(pattern.unwrap().contains("dst_port = 443"));
    assert!(told.contains(&"export-reason-hostless"), "{told:?}");
}

#[test]
fn a_host_and_its_port_are_one_condition() {
    let (whole, _) = pattern(&system(&address("ipv4-addr", "10.0.0.1"), HTTPS));
    let whole = whole.unwrap();
    assert!(whole.contains("dst_ref.value = '10.0.0.1' AND") && !whole.contains("ipv4-addr:value"), "{whole}");
    let (network, _) = pattern(&system(&address("ipv4-net", "10.0.0.0/8"), HTTPS));
    let network = network.unwrap();
    assert!(network.contains("dst_ref.value ISSUBSET '10.0.0.0/8' AND"), "{network}");
    assert!(!network.contains("ipv4-addr:value"), "{network}");
    // One of two hosts is left: less is matched, and that is told.
    let both = address("ipv4-addr", "10.0.0.1") + &address("ipv4-addr", "10[.]0[.]0[.]2");
    let (one, told) = pattern(&system(&both, HTTPS));
    assert!(one.unwrap().contains("'10.0.0.1'") && told.contains(&"export-reason-mute"), "{told:?}");
    // A port nobody can read, a protocol nobody knows, a condition nobody can say: not the bare host, not the bare port.
    for service in [
        "<Service ip-protocol=\"6\"><Port>99999</Port></Service>",
        "<Service ip-protocol=\"tcp\"><Port>443</Port></Service>",
        "<Service ip-protocol=\"99\"><Port>443</Port></Service>",
        "<Service ip-protocol=\"6\"><Port>443</Port><ProtoField>2</ProtoField></Service>",
    ] {
        let (none, told) = pattern(&system(&address("ipv4-addr", "10.0.0.1"), service));
        assert_eq!(none, None, "{service}");
        assert!(told.contains(&"export-reason-mute"), "{service}: {told:?}");
    }
}

#[test]
fn a_conjunct_nobody_can_read_takes_the_conjunction_with_it() {
    let hash = |method: &str| {
        format!(
            "<HashData scope=\"file-contents\"><Hash><ds:DigestMethod Algorithm=\"{method}\"/><ds:DigestValue>AA==\
             </ds:DigestValue></Hash></HashData>"
        )
    };
    for lost in [
        "<EmailData><EmailTo>victim[at]x.example</EmailTo><EmailSubject>Invoice</EmailSubject></EmailData>".to_owned(),
        "<EmailData><EmailSubject>I</EmailSubject><EmailHeaderField name=\"X ' Y\">v</EmailHeaderField></EmailData>".into(),
        "<EmailData><EmailSubject>I</EmailSubject><EmailMessage>raw</EmailMessage></EmailData>".into(),
        format!("<FileData><File><FileName>a.exe</FileName>{}</File></FileData>", hash("urn:x:whirlpool")),
        "<CertificateData><Certificate><ds:X509Data><ds:X509SubjectName>CN=a</ds:X509SubjectName><ds:X509SKI>AA==\
         </ds:X509SKI></ds:X509Data></Certificate></CertificateData>"
            .into(),
        "<BulkObservable type=\"ipv4-port\"><BulkObservableList>192.0.2.3, 8, icmp</BulkObservableList></BulkObservable>"
            .into(),
    ] {
        let (none, told) = pattern(&seen(&lost));
        assert_eq!(none, None, "{lost}");
        assert!(told.contains(&"export-reason-mute"), "{lost}: {told:?}");
        // The same beside something that can be looked for, and below a `not`.
        let good = seen("<BulkObservable type=\"mutex\"><BulkObservableList>m</BulkObservableList></BulkObservable>");
        let and = format!("<IndicatorExpression operator=\"and\">{good}{}</IndicatorExpression>", seen(&lost));
        assert_eq!(pattern(&and).0, None, "{lost}");
        let or = and.replace("\"and\"", "\"or\"");
        assert_eq!(pattern(&or).0.as_deref(), Some("[mutex:name = 'm']"), "{lost}");
        // What is less than was meant is more when it is denied.
        let both = format!("<IndicatorExpression operator=\"and\">{}<IndicatorExpression operator=\"not\">{or}\
             </IndicatorExpression></IndicatorExpression>", good.replace(">m<", ">n<"));
        assert_eq!(pattern(&both).0, None, "{lost}");
    }
}

#[test]
fn the_sheet_claims_nothing_that_was_lost() {
    let bulk = "<BulkObservable type=\"ipv4-addr\"><BulkObservableList>192.0.2.1\nbad\nworse</BulkObservableList>\
                </BulkObservable>";
    let record = "<RecordData><RecordPattern type=\"regex\">evil.*</RecordPattern><RecordItem dtype=\"string\">zzline\
                  </RecordItem><FileData><File><FileName>a.exe</FileName></File></FileData></RecordData>";
    let nested = format!(
        "<Incident purpose=\"other\" restriction=\"red\"><IncidentID name=\"a\">9</IncidentID><Description>innersecret\
         </Description><EventData><Flow><System><Node>{}</Node></System></Flow></EventData></Incident>",
        address("ipv4-addr", "192.0.2.55")
    );
    let mail = "<EmailData><EmailTo>victim[at]x.example</EmailTo><EmailSubject>Invoice</EmailSubject></EmailData>";
    let all: String = [bulk, record, &nested, mail]
        .iter()
        .enumerate()
        .map(|(number, one)| indicator(&format!("i{number}"), &seen(one)))
        .collect();
    let document = incident(&format!("<IndicatorData>{all}</IndicatorData>"));
    let (objects, sheet, text) = bundle(&document);
    for (class, lost) in [("RecordPattern", "evil.*"), ("RecordItem", "zzline"), ("Description", "innersecret")] {
        assert!(sheet.homeless.contains_key(class) || text.contains(lost), "{class}: {sheet:?}");
        assert!(text.contains(lost), "{lost} is nowhere");
    }
    assert!(sheet.homeless.contains_key("RecordPattern") && !sheet.carried.contains_key("RecordPattern"), "{sheet:?}");
    assert!(!sheet.carried.contains_key("EmailTo") && text.contains("victim[at]x.example"), "{sheet:?}");
    let lines = sheet.remarks.iter().find(|say| say.key == "export-lines").expect("bad lines are told");
    assert!(words(lines).contains('2'), "{}", words(lines));
    // What was said under red stands under red.
    let notes: Vec<&Value> = objects.iter().filter(|object| object.to_string().contains("innersecret")).collect();
    let red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
    assert!(!notes.is_empty() && notes.iter().all(|note| note["object_marking_refs"][0] == red), "{notes:?}");
    let misp = export::misp(&document, &words).sheet;
    assert!(misp.homeless.contains_key("RecordPattern") && !misp.carried.contains_key("EmailTo"), "{misp:?}");
    assert!(misp.remarks.iter().any(|say| say.key == "export-lines"));
    let table = export::csv(&document, &words).sheet;
    assert!(table.remarks.iter().any(|say| say.key == "export-lines") && !table.carried.contains_key("EmailTo"));
}

#[test]
fn a_table_claims_no_part_it_has_no_row_for() {
    let mail = "<EmailData><EmailSubject>s</EmailSubject><EmailHeaderField name=\"X-A\">v</EmailHeaderField>\
                <EmailBody>body</EmailBody></EmailData>";
    let document = incident(&format!("<IndicatorData>{}</IndicatorData>", indicator("i", &seen(mail))));
    for sheet in [export::csv(&document, &words).sheet, export::markdown(&document, &words).sheet] {
        for lost in ["EmailHeaderField", "EmailBody"] {
            assert!(sheet.homeless.contains_key(lost) && !sheet.carried.contains_key(lost), "{lost}: {sheet:?}");
        }
        assert!(sheet.carried.contains_key("EmailSubject"));
    }
}

/// Hosts by services, hosts by ports, references to one large system: each a page that means millions.
#[test]
fn nothing_multiplies_without_limit() {
    let hosts: String = (0..400).map(|n| address("ipv4-addr", &format!("10.0.{}.{}", n / 250, n % 250))).collect();
    let services: String = (1..400).map(|port| format!("<Service><Port>{port}</Port></Service>")).collect();
    let list = (1..800).map(|port| port.to_string()).collect::<Vec<_>>().join(",");
    for services in [services, format!("<Service><Portlist>{list}</Portlist></Service>")] {
        let whole = format!("<System><Node>{hosts}</Node>{services}</System>");
        let document = incident(&format!(
            "<EventData><Flow>{whole}</Flow></EventData><IndicatorData>{}</IndicatorData>",
            indicator("i", &seen(&whole))
        ));
        for make in [export::stix, export::misp, export::csv, export::markdown] {
            let made = make(&document, &words);
            assert!(made.bytes.len() < 64 << 20, "{}", made.bytes.len());
            assert!(made.sheet.remarks.iter().any(|say| say.key == "export-reason-long"), "{:?}", made.sheet.remarks);
        }
    }
    let tagged =
        format!("<EventData><Flow><System observable-id=\"s\"><Node>{hosts}</Node></System></Flow></EventData>");
    let all: String = (0..400).map(|n| indicator(&format!("i{n}"), "<ObservableReference uid-ref=\"s\"/>")).collect();
    let document = incident(&format!("{tagged}<IndicatorData>{all}</IndicatorData>"));
    for make in [export::stix, export::misp] {
        let made = make(&document, &words);
        assert!(made.bytes.len() < 64 << 20, "{}", made.bytes.len());
        assert!(made.sheet.remarks.iter().any(|say| say.key == "export-reason-long"), "{:?}", made.sheet.remarks);
    }
}

/// Each indicator refers to the next: the limit is the document's, not each one's.
#[test]
fn a_chain_of_references_is_followed_within_the_limits_of_one_document() {
    const LENGTH: usize = 2_000;
    let all: String = (0..LENGTH)
        .map(|n| indicator(&format!("i{n}"), &format!("<IndicatorReference uid-ref=\"i{}\"/>", n + 1)))
        .collect();
    let last = indicator(&format!("i{LENGTH}"), &seen(&address("ipv4-addr", "192.0.2.1")));
    let document = incident(&format!("<IndicatorData>{all}{last}</IndicatorData>"));
    for make in [export::stix, export::misp] {
        let sheet = make(&document, &words).sheet;
        assert!(sheet.remarks.iter().any(|say| say.key == "export-reason-long"), "{:?}", sheet.remarks.first());
    }
}

#[test]
fn somebody_named_twice_is_one_with_all_that_was_said_of_him() {
    let actor = |restriction: &str, text: &str, url: &str| {
        format!(
            "<RelatedActivity><ThreatActor restriction=\"{restriction}\"><ThreatActorID>APT1</ThreatActorID>\
             <Description>{text}</Description><URL>https://x.example/{url}</URL></ThreatActor></RelatedActivity>"
        )
    };
    let inside = format!("{}{}", actor("white", "known", "1"), actor("red", "secret", "2"));
    let (objects, sheet, text) = bundle(&incident(&inside));
    let actors: Vec<&Value> = objects.iter().filter(|object| object["type"] == "threat-actor").collect();
    let [actor] = actors.as_slice() else { panic!("{text}") };
    let said = actor["description"].as_str().unwrap();
    assert!(said.contains("known") && said.contains("secret"), "{said}");
    assert_eq!(actor["external_references"].as_array().unwrap().len(), 2);
    // Under the stricter of the two.
    assert_eq!(actor["object_marking_refs"][0], "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1");
    assert_eq!(sheet.carried.get("ThreatActor"), Some(&2));
    assert_eq!(sheet.carried.get("URL"), Some(&2));
}

#[test]
fn what_is_named_by_its_name_is_made_once_whichever_document_names_it() {
    let made = |time: &str, restriction: &str| {
        let reference = "<Method><Reference><URL>https://x.example/CVE-2021-44228</URL></Reference></Method>";
        let document = incident(&format!("<EventData>{reference}</EventData>"));
        let text = document.text().replace("2026-03-04", time).replace("white", restriction);
        let (objects, ..) = bundle(&Document::read(text.into_bytes(), &[]).unwrap());
        let of =
            |kind: &str| objects.iter().find(|object| object["type"] == kind && object["name"] != "Gridwatch").cloned();
        (of("identity").unwrap(), of("vulnerability").unwrap())
    };
    let ((before, flaw), (after, again)) = (made("2012-01-01", "white"), made("2026-03-04", "red"));
    for (one, other) in [(&before, &after), (&flaw, &again)] {
        assert_eq!((&one["id"], &one["created"]), (&other["id"], &other["created"]));
        assert!(one["created"].as_str() <= one["modified"].as_str());
    }
    // Who numbers an incident is no secret of it.
    assert_eq!(before["object_marking_refs"], after["object_marking_refs"]);
    assert!(after.get("extensions").is_none());
}

#[test]
fn a_page_says_at_its_top_what_is_stricter_inside_and_in_each_row_how_strict() {
    let inside = "<EventData><Method><Reference restriction=\"red\"><URL>https://x.example/CVE-2021-44228</URL></Reference>\
                  </Method></EventData>";
    let page = String::from_utf8(export::markdown(&incident(inside), &words).bytes).unwrap();
    let top: String = page.lines().take(6).collect();
    assert!(top.contains("TLP:CLEAR") && top.contains("TLP:RED"), "{top}");
    let row = page.lines().find(|line| line.contains("CVE")).unwrap();
    assert!(row.contains("TLP:RED"), "{row}");
    let plain = String::from_utf8(export::markdown(&incident(""), &words).bytes).unwrap();
    assert!(!plain.contains("TLP:RED"), "{plain}");
}

/// Each campaign with each actor: a page of names on either side would be millions of relationships.
#[test]
fn campaigns_and_actors_are_linked_within_limits() {
    let linked = |each: usize| {
        let names = |class: &str, id: &str| -> String {
            (0..each).map(|n| format!("<{class}><{id}>{id} {n}</{id}></{class}>")).collect()
        };
        let all = names("ThreatActor", "ThreatActorID") + &names("Campaign", "CampaignID");
        let (objects, sheet, _) = bundle(&incident(&format!("<RelatedActivity>{all}</RelatedActivity>")));
        let links = objects.iter().filter(|object| object["type"] == "relationship").count();
        (links, sheet.remarks.iter().filter(|say| say.key == "export-reason-crowd").count())
    };
    assert_eq!(linked(3), (9, 0));
    assert_eq!(linked(300), (0, 1));
}

#[test]
fn a_thousand_intervals_that_end_before_they_begin_are_told_as_few() {
    let times = "<StartTime>2026-03-05T00:00:00Z</StartTime><EndTime>2026-03-04T00:00:00Z</EndTime>";
    let inside = format!("{times}{}", seen(&address("ipv4-addr", "192.0.2.1")));
    let all: String = (0..1_000).map(|n| indicator(&format!("i{n}"), &inside)).collect();
    let sheet = export::stix(&incident(&format!("<IndicatorData>{all}</IndicatorData>")), &words).sheet;
    let told = sheet.remarks.iter().filter(|say| say.key == "export-reason-time").count();
    assert!((1..=100).contains(&told) && sheet.remarks.iter().any(|say| say.key == "export-more"), "{told}");
    assert!(!sheet.carried.contains_key("EndTime"));
}

/// Two indicators for one value are one attribute with the words of both, under the stricter label.
#[test]
fn what_is_said_of_a_value_twice_is_there_twice_and_no_looser() {
    let one = |number: &str, restriction: &str, words: &str| {
        let inside = format!("<Description>{words}</Description>{}", seen(&address("ipv4-addr", "192.0.2.1")));
        indicator(number, &inside).replacen("<Indicator>", &format!("<Indicator restriction=\"{restriction}\">"), 1)
    };
    let both = one("i1", "green", "first words") + &one("i2", "red", "second words");
    let made = export::misp(&incident(&format!("<IndicatorData>{both}</IndicatorData>")), &words);
    let whole: Value = serde_json::from_slice(&made.bytes).unwrap();
    let [attribute] = whole["Event"]["Attribute"].as_array().unwrap().as_slice() else { panic!("{whole:#}") };
    let comment = attribute["comment"].as_str().unwrap();
    assert!(comment.contains("first words") && comment.contains("second words"), "{comment}");
    assert_eq!(attribute["Tag"][0]["name"], "tlp:red");
    assert_eq!(made.sheet.carried.get("Description"), Some(&2));
    // One that was looser than its event and is as strict again has no mark of its own: the event's holds.
    let document = incident(&format!("<IndicatorData>{both}</IndicatorData>")).text().replace("\"white\"", "\"red\"");
    let whole = event(&Document::read(document.into_bytes(), &[]).unwrap());
    let [attribute] = whole["Attribute"].as_array().unwrap().as_slice() else { panic!("{whole:#}") };
    assert_eq!((&whole["Tag"][0]["name"], attribute.get("Tag")), (&Value::from("tlp:red"), None));
    // What there is no room for is not claimed.
    let many: String =
        (0..50).map(|n| one(&format!("i{n}"), "green", &format!("{n} {}", "word ".repeat(150)))).collect();
    let made = export::misp(&incident(&format!("<IndicatorData>{many}</IndicatorData>")), &words);
    let carried = made.sheet.carried["Description"];
    assert!((1..50).contains(&carried) && made.sheet.homeless["Description"] == 50 - carried, "{:?}", made.sheet);
}

/// MISP has no tag for an object: what is stricter than the event is said where there is one.
#[test]
fn the_words_about_an_object_stand_under_their_label() {
    let file = seen("<FileData><File><FileName>a.exe</FileName></File></FileData>");
    let one = |restriction: &str, words: &str| {
        let made = indicator(words, &format!("<Description>{words} words</Description>{file}"));
        made.replacen("<Indicator>", &format!("<Indicator restriction=\"{restriction}\">"), 1)
    };
    for all in [one("red", "secret"), one("white", "open") + &one("red", "secret")] {
        let whole = event(&incident(&format!("<IndicatorData>{all}</IndicatorData>")));
        let part = &whole["Object"][0]["Attribute"][0];
        assert_eq!(
            (part["Tag"][0]["name"].as_str(), &whole["Object"][0]["comment"]),
            (Some("tlp:red"), &Value::from(""))
        );
        let said = part["comment"].as_str().unwrap();
        assert!(said.contains("secret words") && said.contains("open words") == all.contains("open"), "{said}");
    }
}

/// Numbers and links have restrictions of their own.
#[test]
fn what_is_stricter_than_its_indicator_or_its_activity_is_said_under_its_own_label() {
    let other = "<AlternativeIndicatorID restriction=\"red\"><IndicatorID name=\"b\" version=\"1\">secret-7</IndicatorID>\
                 </AlternativeIndicatorID>";
    let open = other.replace("red", "green").replace("secret-7", "open-7");
    let one = indicator("i", &format!("{other}{open}{}", seen(&address("ipv4-addr", "192.0.2.1"))));
    let parties = "<RelatedActivity restriction=\"green\"><ThreatActor restriction=\"red\"><ThreatActorID>A</ThreatActorID>\
                   </ThreatActor><Campaign><CampaignID>C</CampaignID></Campaign></RelatedActivity>";
    let one = one.replacen("<Indicator>", "<Indicator restriction=\"green\">", 1);
    let (objects, sheet, _) = bundle(&incident(&format!("{parties}<IndicatorData>{one}</IndicatorData>")));
    for said in ["secret-7", "related-to"] {
        let told: Vec<&Value> = objects.iter().filter(|object| object.to_string().contains(said)).collect();
        assert!(!told.is_empty() && told.iter().all(|object| object["object_marking_refs"][0] == RED), "{told:?}");
    }
    let found = objects.iter().find(|object| object["type"] == "indicator").unwrap();
    assert!(found.to_string().contains("open-7"), "{found}");
    assert_eq!((sheet.carried["AlternativeIndicatorID"], sheet.homeless["AlternativeIndicatorID"]), (1, 1));
}

#[test]
fn what_is_red_and_what_is_by_agreement_are_both_there() {
    let contact = |restriction: &str, name: &str| {
        format!(
            "<Contact restriction=\"{restriction}\" role=\"creator\" type=\"person\"><ContactName>{name}</ContactName></Contact>"
        )
    };
    let system = |restriction: &str, ip: &str| {
        format!("<System restriction=\"{restriction}\"><Node>{}</Node></System>", address("ipv4-addr", ip))
    };
    let flow = system("red", "192.0.2.1") + &system("default", "192.0.2.2");
    let inside = contact("red", "Ann") + &contact("default", "Bob");
    let (objects, _, text) = bundle(&incident(&format!("{inside}<EventData><Flow>{flow}</Flow></EventData>")));
    assert!(text.contains("Ann") && text.contains("Bob"), "{text}");
    assert_eq!(objects.iter().filter(|object| object["type"] == "observed-data").count(), 2);
}

/// A report of MISP is Markdown: in a block of code nothing is alive.
#[test]
fn the_sheet_of_an_event_is_a_block_of_code() {
    let text = incident("").text().replace(
        "restriction=\"white\"",
        "restriction=\"ext-value\" ext-restriction=\"![x](https://evil.example/p.png)\"",
    );
    let whole = event(&Document::read(text.into_bytes(), &[]).unwrap());
    for report in whole["EventReport"].as_array().unwrap() {
        let content = report["content"].as_str().unwrap();
        assert!(content.lines().all(|line| line.starts_with("    ")), "{content}");
    }
    assert!(whole["EventReport"].to_string().contains("evil.example"));
}

/// Of a phase its names are objects: words about them, what is no name, and links are not.
#[test]
fn a_phase_is_carried_as_far_as_it_is_names() {
    let phase = "<AttackPhase><AttackPhaseID>T1059</AttackPhaseID><AttackPhaseID>lateral move by hand</AttackPhaseID>\
                 <AttackPhaseID>T1566 with our own tool zz</AttackPhaseID><URL>https://x.example/notes</URL></AttackPhase>";
    let one = indicator("i", &format!("{}{phase}", seen(&address("ipv4-addr", "192.0.2.1"))));
    let document = incident(&format!("<IndicatorData>{one}</IndicatorData>"));
    let (_, sheet, text) = bundle(&document);
    for said in ["lateral move by hand", "own tool zz", "https://x.example/notes"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for sheet in [sheet, export::misp(&document, &words).sheet] {
        assert_eq!((sheet.carried.get("AttackPhaseID"), sheet.homeless.get("AttackPhaseID")), (Some(&1), Some(&2)));
        assert!(!sheet.carried.contains_key("URL"), "{sheet:?}");
    }
}

/// A name of a catalogue is an object, an attribute or a reference; the words around it are read elsewhere, and not claimed.
#[test]
fn a_reference_is_carried_as_far_as_it_is_names() {
    let reference = |id: &str| {
        format!(
            "<EventData><Method><Reference><ReferenceName xmlns=\"urn:ietf:params:xml:ns:iodef-enum-1.0\" specIndex=\"1\">\
             <ID>{id}</ID></ReferenceName></Reference></Method></EventData>"
        )
    };
    let pattern = |id: &str| {
        format!(
            "<EventData><Method><AttackPattern xmlns=\"urn:ietf:params:xml:ns:iodef-sci-1.0\" ContentID=\"{id}\"/></Method>\
             </EventData>"
        )
    };
    for (said, name) in [(reference as fn(&str) -> String, "ID"), (pattern, "AttackPattern")] {
        for (id, whole) in [
            ("CAPEC-98", true),
            ("CAPEC-98, capec-163", true),
            ("CAPEC-98;CWE-79", true),
            ("CAPEC-98 as our zz tool has it", false),
        ] {
            let document = incident(&said(id));
            let (_, stix, text) = bundle(&document);
            let misp = export::misp(&document, &words);
            let report = String::from_utf8(misp.bytes).unwrap();
            for (sheet, text) in [(stix, &text), (misp.sheet, &report)] {
                assert_eq!(sheet.carried.contains_key(name), whole, "{name}: {id}: {sheet:?}");
                assert!(whole || text.contains("zz tool"), "{id}: {text}");
            }
            for name in id.to_uppercase().split([' ', ',', ';']).filter(|word| word.contains('-')) {
                let link = name.replace("CAPEC-", "https://capec.mitre.org/data/definitions/");
                assert!(text.contains(name) && report.contains(&link), "{name}: {text} {report}");
            }
        }
    }
}

/// What was cut, and what is foreign, is on the page in part.
#[test]
fn what_is_cut_is_not_claimed() {
    let long = "zz ".repeat(3_000);
    let foreign = "<sci:RawData xmlns:sci=\"urn:ietf:params:xml:ns:iodef-sci-1.0\" dtype=\"xml\"><x:a xmlns:x=\"urn:x\" id=\"7\"/></sci:RawData>";
    let reference = |inside: &str| format!("<EventData><Method><Reference>{inside}</Reference></Method></EventData>");
    let mutex = seen(&format!(
        "<BulkObservable type=\"mutex\"><BulkObservableList>m\n{long}</BulkObservableList></BulkObservable>"
    ));
    let document = incident(&format!(
        "<Description>{long}</Description>{}{}<IndicatorData>{}</IndicatorData>",
        reference(&format!("<Description>{long}</Description>")),
        reference(foreign),
        indicator("i", &mutex)
    ));
    let page = export::markdown(&document, &words).sheet;
    for class in ["Description", "BulkObservableList", "(other namespace)"] {
        assert!(!page.carried.contains_key(class), "{class}: {page:?}");
    }
    assert_eq!((page.carried.get("RawData"), page.carried.get("Reference")), (Some(&1), Some(&1)));
    let table = export::csv(&document, &words).sheet;
    assert!(!table.carried.contains_key("BulkObservableList"), "{table:?}");
}

#[test]
fn the_words_of_a_reference_are_not_claimed_where_only_its_link_is() {
    let reference = "<EventData><Method><Reference><URL>https://x.example/a</URL><Description>zz words</Description>\
                     </Reference></Method></EventData>";
    let document = incident(reference);
    let (_, sheet, text) = bundle(&document);
    assert!(sheet.carried.contains_key("URL") && !sheet.carried.contains_key("Description"), "{sheet:?}");
    assert!(text.contains("zz words"), "they stand in the note");
    let misp = export::misp(&document, &words).sheet;
    assert!(misp.carried.contains_key("URL") && !misp.carried.contains_key("Description"), "{misp:?}");
    // A stricter link is in the note alone, though its vulnerability is an object.
    let strict = reference.replace("<Reference>", "<Reference restriction=\"red\">").replace("/a<", "/CVE-2021-44228<");
    let (objects, sheet, _) = bundle(&incident(&strict));
    let told = |object: &&Value| object.to_string().contains("https://x.example/CVE-2021-44228");
    let told: Vec<&Value> = objects.iter().filter(told).collect();
    let red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
    assert!(!told.is_empty() && told.iter().all(|object| object["object_marking_refs"][0] == red), "{told:?}");
    assert!(!sheet.carried.contains_key("URL"), "{sheet:?}");
}

#[test]
fn a_private_word_is_told_and_not_that_there_is_one() {
    let text = incident("").text().replacen("purpose=\"watch\"", "purpose=\"ext-value\" ext-purpose=\"drill\"", 1);
    let (objects, ..) = bundle(&Document::read(text.into_bytes(), &[]).unwrap());
    let report = objects.iter().find(|object| object["type"] == "report").unwrap();
    assert_eq!(report["labels"][0], "purpose:drill");
    // And read where it names a kind.
    let list = "<BulkObservable type=\"ext-value\" ext-type=\"fqdn\"><BulkObservableList>bad.example</BulkObservableList>\
                </BulkObservable>";
    assert_eq!(pattern(&seen(list)).0.as_deref(), Some("[domain-name:value = 'bad.example']"));
}

/// Vulnerabilities, and links of records and files, which the screen has in its table too.
#[test]
fn a_table_has_what_nobody_looks_for_where_it_stands() {
    let inside = "<EventData><Method><Reference><ReferenceName xmlns=\"urn:ietf:params:xml:ns:iodef-enum-1.0\" \
                  specIndex=\"1\"><ID>CVE-2021-44228</ID></ReferenceName></Reference></Method><Record><RecordData>\
                  <URL>https://log.example/1</URL><URL>hxxps://log[.]example/2</URL><URL>https://log.example/\n folded</URL>\
                  </RecordData></Record></EventData>";
    let list = "<BulkObservable type=\"site-uri\"><BulkObservableList>https://bulk.example/1</BulkObservableList></BulkObservable>";
    let inside = &format!("{inside}<IndicatorData>{}</IndicatorData>", indicator("i", &seen(list)));
    let made = export::csv(&incident(inside), &words);
    let table = String::from_utf8(made.bytes).unwrap();
    assert!(table.contains("cve,CVE-2021-44228,CVE-2021-44228,reference,"), "{table}");
    assert!(table.contains("url,https://log.example/1,") && !table.contains("hxxps://log[.]example/2,"), "{table}");
    assert!(table.contains("url,https://log.example/folded,"), "{table}");
    assert_eq!(table.matches("url,https://bulk.example/1,").count(), 1, "{table}");
    assert_eq!((made.sheet.carried["ID"], made.sheet.carried["URL"], made.sheet.homeless["URL"]), (1, 2, 1));
    let page = String::from_utf8(export::markdown(&incident(inside), &words).bytes).unwrap();
    assert!(page.lines().any(|line| line.starts_with("| url | hxxps")), "{page}");
}

/// Who is told what an element's attributes said is told what became of them.
#[test]
fn attributes_without_a_home_are_told() {
    let inside = format!(
        "<Description xml:lang=\"de\">Wort</Description><EventData><Flow><System category=\"target\" spoofed=\"yes\"><Node>{}\
         </Node></System></Flow></EventData>",
        address("ipv4-addr", "192.0.2.1").replacen("<Address", "<Address vlan-num=\"7\"", 1)
    );
    let document = incident(&inside);
    let told = |made: export::Export| made.sheet.attributes.into_keys().collect::<Vec<_>>();
    let of_table = ["Address@vlan-num", "Incident@purpose", "System@spoofed"];
    assert_eq!(told(export::csv(&document, &words)), of_table);
    let of_page = ["Address@vlan-num", "Description@lang", "System@spoofed"];
    assert_eq!(told(export::markdown(&document, &words)), of_page);
    assert_eq!(
        told(export::stix(&document, &words)),
        ["Address@vlan-num", "Description@lang", "System@category", "System@spoofed"]
    );
    let of_event = ["Address@vlan-num", "Description@lang", "Incident@purpose", "System@spoofed"];
    assert_eq!(told(export::misp(&document, &words)), of_event);
    for whole in [export::iodef(&document), gridwatch::iodef::json::write(&document)] {
        assert!(whole.sheet.attributes.is_empty());
    }
    let text = document.text().replace("version=\"2.00\"", "version=\"2.00\" private-enum-id=\"7\"");
    let root = Document::read(text.into_bytes(), &[]).unwrap();
    for make in [export::csv, export::markdown, export::stix, export::misp] {
        let told = told(make(&root, &words));
        assert!(told.contains(&"IODEF-Document@private-enum-id".to_owned()), "{told:?}");
    }
    let lines = export::csv(&document, &words).sheet.lines();
    assert!(lines.iter().any(|say| words(say).contains("System@spoofed 1")));
}
