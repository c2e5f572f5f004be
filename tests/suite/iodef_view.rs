//! Views: what a document says to a person, with what it inherits and what it leaves out.

use gridwatch::iodef::view::{self, Operand, Token};
use gridwatch::iodef::{Document, Element};
use gridwatch::model::{Restriction, Severity, Tlp};

use super::iodef_tree::examples;

const NS: &str = "urn:ietf:params:xml:ns:iodef-2.0";

fn incident(inside: &str) -> Document {
    let text = format!(
        "<IODEF-Document xmlns='{NS}' xml:lang='en'><Incident purpose='reporting' restriction='green'>{inside}</Incident></IODEF-Document>"
    );
    Document::read(text.into_bytes(), &[]).unwrap()
}

fn only(document: &Document) -> view::Incident<'_> {
    view::incidents(document).next().unwrap()
}

#[test]
fn tokens_are_known_private_or_new() {
    let document = incident(
        "<Contact role=' tech ' type='ext-value' ext-type='bot'/><Contact role='sage' type='ext-value'/><Contact/>",
    );
    let contacts: Vec<_> = only(&document).contacts().map(|one| (one.role(), one.kind())).collect();
    assert_eq!(
        contacts,
        [
            (Some(Token::Known("tech".into())), Some(Token::Ext("bot".into()))),
            (Some(Token::Other("sage".into())), Some(Token::Ext("".into()))),
            (None, None),
        ]
    );
    assert_eq!(only(&document).purpose().unwrap().to_string(), "reporting");
    assert!(only(&document).purpose().unwrap().is("reporting") && only(&document).status().is_none());
}

#[test]
fn a_contact_inherits_from_the_root_to_the_leaf() {
    let document = incident(
        "<Contact role='creator' type='organization'><ContactName>CSIRT</ContactName><Email><EmailTo>duty@a.example</EmailTo></Email>\
         <Timezone>+01:00</Timezone><PostalAddress><PAddress>Street 1$ Town</PAddress></PostalAddress>\
         <Contact role='tech' type='person'><ContactName>Ann</ContactName><Telephone type='mobile'><TelephoneNumber>+1</TelephoneNumber>\
         </Telephone></Contact><Contact role='irt' type='person'><ContactName>Bo</ContactName><Email><EmailTo>bo@a.example</EmailTo>\
         </Email></Contact></Contact><Contact role='cc' type='person'><ContactTitle>Chief</ContactTitle></Contact>",
    );
    let people = view::people(only(&document).element());
    let told: Vec<_> = people
        .iter()
        .map(|one| (one.names("en").told(), one.emails().collect::<Vec<_>>().told(), one.timezone().is_some()))
        .collect();
    assert_eq!(
        told,
        [
            ("CSIRT,Ann".to_owned(), "duty@a.example".to_owned(), true),
            ("CSIRT,Bo".to_owned(), "bo@a.example".to_owned(), true),
            (String::new(), String::new(), false),
        ]
    );
    assert_eq!(people[0].telephones().next().unwrap().1, "+1");
    assert_eq!(people[0].addresses("en").next().unwrap(), ["Street 1", "Town"]);
    assert_eq!(people[2].title("en").as_deref(), Some("Chief"));
}

trait Told {
    fn told(self) -> String;
}

impl Told for Vec<std::borrow::Cow<'_, str>> {
    fn told(self) -> String {
        self.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",")
    }
}

#[test]
fn a_text_in_several_languages_is_one_text() {
    let document = incident(
        "<Description translation-id='1'>one</Description><Description>two</Description><Description translation-id='1' xml:lang='de-AT'>eins\
         </Description><Description lang='fr'>trois</Description>",
    );
    let texts = only(&document).descriptions();
    assert_eq!(texts.len(), 3);
    let shown = |wanted| texts.iter().map(|text| text.in_lang(wanted)).collect::<Vec<_>>().told();
    assert_eq!(shown("en"), "one,two,trois");
    assert_eq!(shown("de"), "eins,two,trois");
    assert_eq!(view::lang(texts[1].versions().next().unwrap()).as_deref(), Some("en"));
    assert_eq!(view::lang(texts[2].versions().next().unwrap()).as_deref(), Some("fr"));
}

#[test]
fn events_impacts_and_requests() {
    let document = incident(
        "<Assessment occurrence='potential'><IncidentCategory>c</IncidentCategory><SystemImpact severity='high' completion='failed' \
         type='takeover-system'/><TimeImpact metric='downtime' severity='low'>2.5</TimeImpact><MonetaryImpact currency='EUR'>10</MonetaryImpact>\
         <BusinessImpact severity='none'/><Confidence rating='numeric'>0.8</Confidence></Assessment><EventData><Description>outer</Description>\
         <EventData><Description>inner</Description><Flow><System category='source' spoofed='yes'><Node><Address category='ipv4-net-mask'>192.0.2.1/255.255.255.0\
         </Address><DomainData system-status='spoofed'><Name>bad.example</Name></DomainData></Node><NodeRole category='c2-server'/>\
         <Service ip-protocol='6'><Port>80</Port></Service></System></Flow><Expectation/></EventData></EventData>\
         <EventData><Expectation action='block-host'><EndTime>2026-01-01T00:00:00Z</EndTime></Expectation></EventData>\
         <IndicatorData><Indicator><Observable><Assessment/></Observable></Indicator></IndicatorData>",
    );
    let one = only(&document);
    assert_eq!(one.assessments().count(), 1, "an observable's is not the incident's");
    let assessment = one.assessments().next().unwrap();
    let impacts: Vec<_> = assessment.impacts().map(|impact| (impact.severity(), impact.amount())).collect();
    assert_eq!(
        impacts,
        [
            (Severity::High, None),
            (Severity::Low, Some((2.5, Some("hour".into())))),
            (Severity::Unknown, Some((10.0, Some("EUR".into())))),
            (Severity::Unknown, None),
        ]
    );
    assert_eq!(assessment.confidence().unwrap().number, Some(0.8));
    let events = view::events(one.element());
    assert_eq!(events.iter().map(|(depth, _)| *depth).collect::<Vec<_>>(), [0, 1, 0]);
    let system = events[1].1.flows().next().unwrap().systems().next().unwrap();
    assert!(system.category().unwrap().is("source") && system.spoofed().unwrap().is("yes"));
    assert!(system.roles().next().unwrap().is("c2-server"));
    let node = system.node().unwrap();
    assert_eq!(node.addresses().next().unwrap().canonical(), "192.0.2.0/24");
    assert_eq!(node.domains().next().unwrap().name().as_deref(), Some("bad.example"));
    let service = system.services().next().unwrap();
    assert_eq!((service.protocol(), service.ports().as_deref()), (Some(6), Some("80")));
    let asked: Vec<_> =
        one.expectations().map(|asked| (asked.action().to_string(), asked.times().ended.is_some())).collect();
    assert_eq!(asked, [("other".to_owned(), false), ("block-host".to_owned(), true)]);
}

#[test]
fn an_expression_is_rows() {
    let nested = "<IndicatorExpression operator='not'>".repeat(200) + &"</IndicatorExpression>".repeat(200);
    let document = incident(&format!(
        "<EventData observable-id='e'/><IndicatorData><Indicator><IndicatorID name='n' version='1'>i</IndicatorID><IndicatorExpression>\
         <Observable/><Confidence rating='high'/><IndicatorExpression operator='or'><ObservableReference uid-ref='e'/>\
         <IndicatorReference euid-ref='far'/></IndicatorExpression><ObservableReference uid-ref='nowhere'/></IndicatorExpression></Indicator>\
         <Indicator>{nested}</Indicator></IndicatorData>"
    ));
    let indicators: Vec<_> = only(&document).indicators().collect();
    let rows = indicators[0].rows();
    let tagged = view::tagged(&document);
    let told: Vec<_> = rows
        .iter()
        .map(|row| match &row.operand {
            Operand::Expression(operator) => format!("{} {operator}", row.depth),
            Operand::Observable => format!("{} sees", row.depth),
            Operand::ObservableReference(id) => format!("{} {id} {}", row.depth, tagged.contains_key(id)),
            Operand::IndicatorReference(own, far) => format!("{} {own:?} {far:?}", row.depth),
        })
        .collect();
    assert_eq!(told, ["0 and", "1 sees", "1 or", "2 e true", "2 None Some(\"far\")", "1 nowhere false"]);
    assert_eq!(rows.iter().filter(|row| row.confidence.is_some()).count(), 1);
    assert_eq!(indicators[1].rows().len(), 200);
}

#[test]
fn restrictions_in_force_and_inside() {
    let document = incident(
        "<EventData><Flow><System restriction='amber'><Node/></System></Flow></EventData><IndicatorData><Indicator><Observable><Incident>\
         <EventData/></Incident></Observable></Indicator></IndicatorData><AdditionalData dtype='xml'><x xmlns='urn:x' restriction='red'/></AdditionalData>",
    );
    let find = |local: &str| document.root().descendants().find(|one| one.local() == local).unwrap();
    let force = |element: Element<'_>| view::marking(element).restriction;
    assert_eq!(force(find("Node")), Restriction::Amber);
    assert_eq!(force(find("Flow")), Restriction::Green);
    assert_eq!(force(find("x")), Restriction::Green, "foreign attributes are foreign");
    let inner = find("Observable").descendants().find(|one| one.local() == "EventData").unwrap();
    assert_eq!(force(inner), Restriction::Absent, "an incident that says nothing is private");
    let (strictest, inside) = view::strictest(only(&document).element());
    assert_eq!((strictest.restriction.tlp(), inside), (Tlp::Red, 2));
}

/// The summary's own judgement, by another way.
#[test]
fn the_strictest_inside_is_what_the_summary_says() {
    for (path, bytes) in examples() {
        let summary = gridwatch::iodef::summarise(bytes, &[]);
        let Ok(document) = Document::read(bytes.as_slice(), &[]) else { continue };
        let all: Vec<_> = view::incidents(&document).collect();
        if let [one] = all.as_slice() {
            let (strictest, inside) = view::strictest(one.element());
            let name = path.display();
            assert_eq!(strictest.restriction, summary.strictest, "{name}");
            assert_eq!(u32::try_from(inside).unwrap(), summary.stricter_inside, "{name}");
            let id = one.id().map(|id| id.text().into_owned()).unwrap_or_default();
            assert_eq!(id, summary.id, "{name}");
            if document.version() != Ok(gridwatch::iodef::doc::Version::V2) {
                continue;
            }
            let worst = document.root().descendants().filter_map(view::Impact::of);
            let worst = worst.filter(|impact| impact.kind != view::ImpactKind::Intended);
            assert_eq!(worst.map(view::Impact::severity).max().unwrap_or_default(), summary.severity, "{name}");
        }
    }
}
