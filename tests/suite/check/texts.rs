//! A document for each rule: one that breaks it, and so nothing the schema sees where the rule is the text's.

/// `(rule, children of the incident after its Contact)`.
pub const BROKEN: &[(&str, &str)] = &[
    ("iodef.structure.unknown", "<Bogus/>"),
    ("iodef.structure.misplaced", "<Server>x</Server>"),
    ("iodef.structure.foreign", "<x:y xmlns:x='urn:x'/>"),
    (
        "iodef.structure.undeclared",
        "<EventData><Record><RecordData><FileData><File><HashData scope='file-contents'><Hash><ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ds:DigestValue><ds:CanonicalizationMethod Algorithm='urn:c'><x:y xmlns:x='urn:x'/></ds:CanonicalizationMethod></Hash></HashData></File></FileData></RecordData></Record></EventData>",
    ),
    ("iodef.structure.missing", "<EventData><Flow><System><Description>x</Description></System></Flow></EventData>"),
    (
        "iodef.structure.missing-one-of",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID></Indicator></IndicatorData>",
    ),
    (
        "iodef.structure.too-many",
        "<EventData><DetectTime>2026-01-01T00:00:00Z</DetectTime><DetectTime>2026-01-01T00:00:00Z</DetectTime></EventData>",
    ),
    (
        "iodef.structure.order",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node></System></Flow><Description>x</Description></EventData>",
    ),
    (
        "iodef.structure.conflict",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><Observable><Address category='asn'>1</Address></Observable><IndicatorReference euid-ref='x'/></Indicator></IndicatorData>",
    ),
    ("iodef.structure.text", "<EventData>stray<Description>x</Description></EventData>"),
    ("iodef.structure.child-in-text", "<EventData><Description>x<b/></Description></EventData>"),
    (
        "iodef.structure.not-empty",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><IndicatorReference euid-ref='x'> </IndicatorReference></Indicator></IndicatorData>",
    ),
    ("iodef.attribute.missing", "<EventData><Contact type='person'><ContactName>x</ContactName></Contact></EventData>"),
    ("iodef.attribute.unknown", "<EventData bogus='1'><Description>x</Description></EventData>"),
    (
        "iodef.attribute.instance",
        "<EventData xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'><Description>x</Description></EventData>",
    ),
    (
        "iodef.value.token",
        "<EventData><Expectation severity='highest'><Description>x</Description></Expectation></EventData>",
    ),
    (
        "iodef.value.unlisted",
        "<EventData><Expectation action='block-hosts'><Description>x</Description></Expectation></EventData>",
    ),
    ("iodef.value.date-time", "<EventData><DetectTime>yesterday</DetectTime></EventData>"),
    (
        "iodef.value.integer",
        "<EventData><Flow><System><Node><Address category='ipv4-addr' vlan-num='x'>8.8.4.4</Address></Node></System></Flow></EventData>",
    ),
    (
        "iodef.value.number",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address><Counter type='average' unit='byte'>many</Counter></Node></System></Flow></EventData>",
    ),
    ("iodef.value.positive", "<EventData><Assessment><MonetaryImpact>0</MonetaryImpact></Assessment></EventData>"),
    ("iodef.value.link", "<EventData><Method><Reference><URL>100%</URL></Reference></Method></EventData>"),
    ("iodef.value.name", "<EventData observable-id='1'><Description>x</Description></EventData>"),
    ("iodef.value.language", "<EventData><Description xml:lang='in English'>x</Description></EventData>"),
    (
        "iodef.value.ports",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node><Service ip-protocol='6'><Portlist>1;2</Portlist></Service></System></Flow></EventData>",
    ),
    (
        "iodef.value.timezone",
        "<EventData><Contact role='cc' type='person'><Timezone>CET</Timezone></Contact></EventData>",
    ),
    (
        "iodef.value.base64",
        "<EventData><Record><RecordData><FileData><File><HashData scope='file-contents'><Hash><ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><ds:DigestValue>abc</ds:DigestValue></Hash></HashData></File></FileData></RecordData></Record></EventData>",
    ),
    (
        "iodef.id.twice",
        "<EventData observable-id='a'><EventData observable-id='a'><Description>x</Description></EventData></EventData>",
    ),
    (
        "iodef.reference.dangling",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>here</IndicatorID><IndicatorReference uid-ref='hare'/></Indicator></IndicatorData>",
    ),
    (
        "iodef.document.text-form",
        "<EventData><Record><RecordData><WindowsRegistryKeysModified><Key><KeyName>a</KeyName><KeyValue>b</KeyValue></Key></WindowsRegistryKeysModified></RecordData></Record></EventData>",
    ),
    (
        "iodef.value.padded",
        "<EventData><Method><Reference><URL> https://a.example/ </URL></Reference></Method></EventData>",
    ),
    ("iodef.value.no-zone", "<EventData><DetectTime>2026-01-01T00:00:00</DetectTime></EventData>"),
    (
        "iodef.extension.twin-uncalled",
        "<EventData restriction='red' ext-restriction='ours'><Description>x</Description></EventData>",
    ),
    (
        "iodef.extension.twin-unsaid",
        "<EventData><Expectation action='ext-value'><Description>x</Description></Expectation></EventData>",
    ),
    ("iodef.extension.dtype", "<EventData><AdditionalData dtype='integer'>many</AdditionalData></EventData>"),
    (
        "iodef.extension.own-namespace",
        "<EventData><AdditionalData dtype='xml'><Description>x</Description></AdditionalData></EventData>",
    ),
    (
        "iodef.times.end-before-start",
        "<EventData><StartTime>2026-01-02T00:00:00Z</StartTime><EndTime>2026-01-01T23:59:59Z</EndTime></EventData>",
    ),
    ("iodef.class.nothing-inside", "<EventData><Description>x</Description><Method/></EventData>"),
    (
        "iodef.detection.nothing",
        "<EventData><Discovery><DetectionPattern><Application><URL>https://a.example/</URL></Application></DetectionPattern></Discovery></EventData>",
    ),
    (
        "iodef.record.nothing",
        "<EventData><Record><RecordData><Description>x</Description></RecordData></Record></EventData>",
    ),
    (
        "iodef.restriction.looser",
        "<EventData restriction='red'><Contact restriction='green' role='cc' type='person'><ContactName>x</ContactName></Contact></EventData>",
    ),
    (
        "iodef.text.translated-twice",
        "<EventData><Description translation-id='1' xml:lang='en'>x</Description><Description translation-id='1' xml:lang='EN'>y</Description></EventData>",
    ),
    (
        "iodef.confidence.number-unasked",
        "<EventData><Assessment><SystemImpact/><Confidence rating='low'>5</Confidence></Assessment></EventData>",
    ),
    (
        "iodef.confidence.number-missing",
        "<EventData><Assessment><SystemImpact/><Confidence rating='numeric'/></Assessment></EventData>",
    ),
    (
        "iodef.counter.doubtful",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address><Counter type='counter' unit='byte'>1</Counter></Node></System></Flow></EventData>",
    ),
    (
        "iodef.action.no-course",
        "<EventData><Expectation action='defined-coa'><Description>x</Description></Expectation></EventData>",
    ),
    (
        "iodef.action.undescribed",
        "<EventData><Expectation><StartTime>2026-01-01T00:00:00Z</StartTime></Expectation></EventData>",
    ),
    (
        "iodef.impact.not-a-number",
        "<EventData><Assessment><MonetaryImpact>NaN</MonetaryImpact></Assessment></EventData>",
    ),
    (
        "iodef.impact.currency",
        "<EventData><Assessment><MonetaryImpact currency='eur'>5</MonetaryImpact></Assessment></EventData>",
    ),
    ("iodef.node.empty", "<EventData><Flow><System><Node><Location>x</Location></Node></System></Flow></EventData>"),
    (
        "iodef.address.category",
        "<EventData><Flow><System><Node><Address>8.8.4.4</Address></Node></System></Flow></EventData>",
    ),
    (
        "iodef.address.defanged",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8[.]8[.]4[.]4</Address></Node></System></Flow></EventData>",
    ),
    (
        "iodef.address.reserved",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>10.0.0.1</Address></Node></System></Flow></EventData>",
    ),
    (
        "iodef.nameserver.category",
        "<EventData><Flow><System><Node><DomainData><Name>a.example</Name><Nameservers><Server>ns.a.example</Server><Address category='asn'>1</Address></Nameservers></DomainData></Node></System></Flow></EventData>",
    ),
    (
        "iodef.domain.name",
        "<EventData><Flow><System><Node><DomainData><Name>a[.]example</Name></DomainData></Node></System></Flow></EventData>",
    ),
    (
        "iodef.service.port-needs-protocol",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node><Service><Port>80</Port></Service></System></Flow></EventData>",
    ),
    (
        "iodef.service.protocol-range",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node><Service ip-protocol='300'><Port>80</Port></Service></System></Flow></EventData>",
    ),
    (
        "iodef.service.port-range",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node><Service ip-protocol='6'><Portlist>80,70000</Portlist></Service></System></Flow></EventData>",
    ),
    (
        "iodef.flow.portlists",
        "<EventData><Flow><System category='source'><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node><Service ip-protocol='6'><Portlist>1-3</Portlist></Service></System><System category='target'><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node><Service ip-protocol='6'><Portlist>1-2</Portlist></Service></System></Flow></EventData>",
    ),
    (
        "iodef.system.interface",
        "<EventData><Flow><System interface='eth0'><Node><Address category='ipv4-net'>8.8.4.0/24</Address></Node></System></Flow></EventData>",
    ),
    (
        "iodef.header.field",
        "<EventData><Flow><System><Node><Address category='ipv4-addr'>8.8.4.4</Address></Node><Service ip-protocol='6'><ApplicationHeader><ApplicationHeaderField name='Host' dtype='url'>http://a/</ApplicationHeaderField></ApplicationHeader></Service></System></Flow></EventData>",
    ),
    (
        "iodef.software.custom",
        "<EventData><Discovery><DetectionPattern><Application><SoftwareReference spec-name='custom'/></Application><Description>x</Description></DetectionPattern></Discovery></EventData>",
    ),
    (
        "iodef.hash.nothing",
        "<EventData><Record><RecordData><FileData><File><HashData scope='file-contents'/></File></FileData></RecordData></Record></EventData>",
    ),
    (
        "iodef.hash.target",
        "<EventData><Record><RecordData><FileData><File><HashData scope='file-pe-section'><FuzzyHash><FuzzyHashValue dtype='string'>x</FuzzyHashValue></FuzzyHash></HashData></File></FileData></RecordData></Record></EventData>",
    ),
    (
        "iodef.hash.length",
        "<EventData><Record><RecordData><FileData><File><HashData scope='file-contents'><Hash><ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><ds:DigestValue>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</ds:DigestValue></Hash></HashData></File></FileData></RecordData></Record></EventData>",
    ),
    (
        "iodef.observable.none",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><Observable/></Indicator></IndicatorData>",
    ),
    (
        "iodef.bulk.format",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><Observable><BulkObservable type='file-hash'><BulkObservableList>x</BulkObservableList></BulkObservable></Observable></Indicator></IndicatorData>",
    ),
    (
        "iodef.bulk.line",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><Observable><BulkObservable type='ipv4-addr'><BulkObservableList>8.8.4.4\n8.8.4</BulkObservableList></BulkObservable></Observable></Indicator></IndicatorData>",
    ),
    (
        "iodef.bulk.empty",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><Observable><BulkObservable type='ipv4-addr'><BulkObservableList> </BulkObservableList></BulkObservable></Observable></Indicator></IndicatorData>",
    ),
    (
        "iodef.expression.not",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><IndicatorExpression operator='not'><IndicatorReference euid-ref='a'/><IndicatorReference euid-ref='b'/></IndicatorExpression></Indicator></IndicatorData>",
    ),
    (
        "iodef.reference.one",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><IndicatorReference/></Indicator></IndicatorData>",
    ),
    (
        "iodef.reference.kind",
        "<IndicatorData><Indicator><IndicatorID name='a.example' version='1'>i</IndicatorID><ObservableReference uid-ref='i'/></Indicator></IndicatorData>",
    ),
];

/// A whole document around them. Where the rule is broken elsewhere, `start` is other than [`START`].
pub fn around(inner: &str) -> String {
    format!("{START}{inner}{END}")
}

pub const START: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <IODEF-Document version=\"2.00\" xml:lang=\"en\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" \
    xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n<Incident purpose=\"reporting\" restriction=\"green\">\n\
    <IncidentID name=\"csirt.example.com\">1</IncidentID>\n<GenerationTime>2026-11-21T16:05:00Z</GenerationTime>\n\
    <Contact role=\"creator\" type=\"organization\"><ContactName>A</ContactName></Contact>\n";
pub const END: &str = "\n</Incident>\n</IODEF-Document>\n";

/// Rules broken by changing the start: what is replaced by what.
pub const AT_START: &[(&str, &str, &str)] = &[
    ("iodef.structure.root", "IODEF-Document version", "Bogus version"),
    ("iodef.attribute.fixed", "\"2.00\"", "\"3\""),
    ("iodef.document.no-version", "version=\"2.00\"", ""),
    ("iodef.document.no-declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""),
    ("iodef.document.private-id", "xml:lang", "private-enum-id=\"1\" xml:lang"),
    ("iodef.incident.no-id", ">1<", "><"),
    ("iodef.incident.csirt-name", "csirt.example.com", "us"),
    ("iodef.related.nothing", "<GenerationTime>", "<RelatedActivity/><GenerationTime>"),
    (
        "iodef.incident.own-alternative",
        "<GenerationTime>",
        "<AlternativeID><IncidentID name=\"csirt.example.com\">2</IncidentID></AlternativeID><GenerationTime>",
    ),
];
