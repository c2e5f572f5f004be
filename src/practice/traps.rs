//! Payloads that are not what a console would like: broken, bent, foreign, hostile in their text. Real grids carry them.

use chrono::{DateTime, SecondsFormat, Utc};

use super::documents::{CSIRT, NAMESPACE};
use super::random::Random;
use crate::xmpp::xml::{NotXml, Writer};

/// What the posture topic carries: not IODEF, and said so by its `pubsub#type`.
pub const POSTURE: &str = "urn:example:endpoint-posture:1";

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An endpoint's posture.
///
/// # Errors
/// Never for the texts used here.
pub fn posture(random: &mut Random, at: DateTime<Utc>) -> Result<Vec<u8>, NotXml> {
    let mut w = Writer::new();
    let host = format!("ws-{:03}.csirt-a.example", random.between(1, 400));
    let _ = w.open("posture").attr("xmlns", POSTURE).attr("host", &host).attr("at", &stamp(at));
    let verdict = random.weighted(&[("compliant", 7), ("non-compliant", 2), ("unknown", 1)]);
    for (name, value) in [
        ("os", "Debian GNU/Linux 12"),
        ("firewall", random.pick(&["on", "on", "on", "off"])),
        ("disk-encryption", random.pick(&["on", "on", "off"])),
        ("verdict", verdict),
    ] {
        let _ = w.open("attribute").attr("name", name).text(value).close();
    }
    let _ = w.close();
    w.finish()
}

/// Says it is IODEF v2 and leaves out what RFC 7970 §3.2 requires (GenerationTime), with a class nobody knows.
///
/// # Errors
/// Never for the texts used here.
pub fn invalid(id: &str) -> Result<Vec<u8>, NotXml> {
    let mut w = Writer::new();
    let _ = w.open("IODEF-Document").attr("version", "2.00").attr("xmlns", NAMESPACE);
    let _ = w.open("Incident").attr("purpose", "reprting").attr("restriction", "green");
    let _ = w.open("IncidentID").attr("name", CSIRT).text(id).close();
    let _ = w.open("Severity").text("very high").close();
    let _ = w.open("Description").text("Written by a script that never met the schema").close();
    let _ = w.close().close();
    w.finish()
}

/// The shape certificate authorities have sent: `lang` without its prefix, a Node straight inside the Incident.
///
/// # Errors
/// Never for the texts used here.
pub fn authority(id: &str, at: DateTime<Utc>) -> Result<Vec<u8>, NotXml> {
    let mut w = Writer::new();
    let _ = w.open("IODEF-Document").attr("version", "2.00").attr("lang", "en").attr("xmlns", NAMESPACE);
    let _ = w.open("Incident").attr("purpose", "reporting").attr("restriction", "public");
    let _ = w.open("IncidentID").attr("name", CSIRT).text(id).close();
    let _ = w.open("ReportTime").text(&stamp(at)).close();
    let _ = w.open("Description").text("Certificate request refused by CAA policy").close();
    let _ = w.open("Node").open("NodeName").text("shop.talheim.example").close().close();
    let _ = w.close().close();
    w.finish()
}

/// A valid document whose title tries to mislead the eye: overrides of writing direction, invisible and look-alike
/// characters, a long run of marks. Every value is padded with line breaks, as some senders do.
///
/// # Errors
/// Never for the texts used here.
pub fn bidi(id: &str, at: DateTime<Utc>) -> Result<Vec<u8>, NotXml> {
    let title = format!(
        "Invoice \u{202e}fdp.exe\u{202c} from p\u{430}ypal-check\u{200b}.example \u{2066}TLP:CLEAR\u{2069} Z{}algo",
        "\u{30d}\u{316}".repeat(24)
    );
    let time = stamp(at);
    let pad = |text: &str| format!("\n      {text}\n    ");
    let mut w = Writer::new();
    let _ =
        w.open("iodef:IODEF-Document").attr("version", "2.00").attr("xml:lang", "en").attr("xmlns:iodef", NAMESPACE);
    let _ = w.open("iodef:Incident").attr("purpose", "reporting").attr("restriction", "amber");
    let _ = w.open("iodef:IncidentID").attr("name", CSIRT).text(&pad(id)).close();
    let _ = w.open("iodef:GenerationTime").text(&time).close();
    let _ = w.open("iodef:Description").text(&title).close();
    let _ = w.open("iodef:Assessment");
    let _ = w.open("iodef:SystemImpact").attr("severity", "high").attr("type", "takeover-account").close().close();
    let _ = w.open("iodef:Contact").attr("role", "creator").attr("type", "organization");
    let _ = w.open("iodef:ContactName").text(&pad("CSIRT Alpha")).close();
    let _ = w.open("iodef:Email").open("iodef:EmailTo").text(&pad("incidents@csirt-a.example")).close().close();
    let _ = w.close();
    let _ = w.close().close();
    w.finish()
}
