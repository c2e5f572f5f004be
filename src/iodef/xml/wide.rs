//! Files in UTF-16, which XML allows beside UTF-8 (RFC 7970 §4.1; XML §4.3.3) and some editors write. On the wire there
//! is UTF-8 alone (RFC 6120 §11.6).

/// What a file says in UTF-8: itself, unless a byte order mark or its first two bytes say that it is in UTF-16. What is no
/// sound UTF-16 stays as it is, for the reader to refuse.
#[must_use]
pub fn transcoded(bytes: Vec<u8>) -> Vec<u8> {
    utf8(&bytes).unwrap_or(bytes)
}

fn utf8(bytes: &[u8]) -> Option<Vec<u8>> {
    let (big, body) = match bytes {
        [0xFF, 0xFE, body @ ..] => (false, body),
        [0xFE, 0xFF, body @ ..] => (true, body),
        [b'<', 0, ..] => (false, bytes),
        [0, b'<', ..] => (true, bytes),
        _ => return None,
    };
    let (pairs, []) = body.as_chunks::<2>() else { return None };
    let units = pairs.iter().map(|pair| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    Some(declared(text).into_bytes())
}

/// The declaration speaks of what the text is in now; of any other encoding it was false before.
fn declared(mut text: String) -> String {
    let head = text.split_once("?>").map_or("", |(head, _)| head);
    if head.starts_with("<?xml") {
        let from = head.to_ascii_lowercase().find("utf-16");
        let length = from.and_then(|from| head.get(from..)?.find(['"', '\'']));
        if let (Some(from), Some(length)) = (from, length) {
            text.replace_range(from..from + length, "UTF-8");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_read_by_its_mark_or_its_first_bytes() {
        let text = "<?xml version='1.0' encoding='UTF-16'?><a b='\u{1f600}é'>utf-16 ?></a>";
        let expected = text.replacen("UTF-16", "UTF-8", 1).into_bytes();
        let wide = |text: &str, of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect::<Vec<u8>>();
        for of in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(transcoded(wide(text, of)), expected);
            assert_eq!(transcoded(wide(&format!("\u{feff}{text}"), of)), expected);
            assert_eq!(transcoded(wide(&text.replace("UTF-16", "utf-16le"), of)), expected);
            // Half a character, and half a pair.
            let mut cut = wide(text, of);
            let _ = cut.pop();
            assert_eq!(transcoded(cut.clone()), cut);
            let lone = [wide("<a>", of), of(0xD83D).to_vec(), wide("</a>", of)].concat();
            assert_eq!(transcoded(lone.clone()), lone);
        }
        for other in ["", "<a>utf-16</a>", "\u{feff}<?xml encoding='UTF-16'?><a/>"] {
            assert_eq!(transcoded(other.into()), other.as_bytes());
        }
    }
}
