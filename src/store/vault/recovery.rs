//! The recovery code: 128 random bits on paper, in letters and digits that are not mistaken for one another (Crockford's
//! base 32), with two characters that tell a slip of the pen from a wrong code.
//!
//! Pure but for randomness.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Trouble;
use super::slot::random;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 128 bits in fives, and the check.
const DIGITS: usize = 26;
const CHECK: usize = 2;
const GROUP: usize = 4;

/// The code. Prints as `***`; [`Code::text`] is for the one place that shows it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Code([u8; 16]);

impl Code {
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, Trouble> {
        Ok(Self(*random::<16>()?))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Seven groups of four.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(40));
        let fives = fives(&self.0).chain(check(&self.0));
        for (place, five) in fives.enumerate() {
            if place > 0 && place.is_multiple_of(GROUP) {
                text.push('-');
            }
            text.push(char::from(ALPHABET.get(usize::from(five)).copied().unwrap_or(b'0')));
        }
        text
    }

    /// Reads a code as a person types it: in any case, with any spaces and hyphens, `O` for nought and `I` or `L` for one.
    ///
    /// # Errors
    /// [`Trouble::Mistyped`] when it is no code: something was left out or misread.
    pub fn read(text: &str) -> Result<Self, Trouble> {
        let mut digits = Zeroizing::new(Vec::with_capacity(DIGITS + CHECK));
        for typed in text.chars().filter(|typed| !typed.is_whitespace() && !matches!(typed, '-' | '–' | '_')) {
            let digit = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let place = ALPHABET.iter().position(|known| char::from(*known) == digit);
            digits.push(place.and_then(|place| u8::try_from(place).ok()).ok_or(Trouble::Mistyped)?);
            if digits.len() > DIGITS + CHECK {
                return Err(Trouble::Mistyped);
            }
        }
        let (own, said) = digits.split_at_checked(DIGITS).ok_or(Trouble::Mistyped)?;
        let mut code = Self([0; 16]);
        for (place, digit) in own.iter().enumerate() {
            for bit in 0..5 {
                let at = place * 5 + bit;
                let set = digit >> (4 - bit) & 1;
                match code.0.get_mut(at / 8) {
                    Some(byte) => *byte |= set << (7 - at % 8),
                    // The last two bits of 130.
                    None if set == 0 => {}
                    None => return Err(Trouble::Mistyped),
                }
            }
        }
        if check(&code.0).eq(said.iter().copied()) { Ok(code) } else { Err(Trouble::Mistyped) }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn fives(bytes: &[u8; 16]) -> impl Iterator<Item = u8> {
    let all = u128::from_be_bytes(*bytes);
    (0..DIGITS).map(move |place| {
        // The last digit holds three bits and two that are nought.
        let five = if place + 1 == DIGITS { (all & 7) << 2 } else { all >> (123 - 5 * place) & 31 };
        u8::try_from(five).unwrap_or_default()
    })
}

/// Ten bits of a hash: one slip in a thousand passes for a code, and then opens nothing.
fn check(bytes: &[u8; 16]) -> impl Iterator<Item = u8> {
    let hash = Sha256::new().chain_update(b"gridwatch recovery check").chain_update(bytes).finalize();
    hash.into_iter().take(CHECK).map(|byte| byte & 31).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_is_read_as_it_was_printed(bytes: [u8; 16]) {
            let code = Code(bytes);
            let text = code.text();
            prop_assert_eq!(text.len(), 34);
            prop_assert_eq!(Code::read(&text).unwrap(), code.clone());
            let sloppy = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            prop_assert_eq!(Code::read(&sloppy).unwrap(), code);
        }
    }

    #[test]
    fn a_slip_is_told() {
        let text = Code([0x5a; 16]).text();
        assert_eq!(format!("{:?}", Code([0x5a; 16])), "***");
        assert_eq!(Code::read(""), Err(Trouble::Mistyped));
        assert_eq!(Code::read(&text[1..]), Err(Trouble::Mistyped));
        assert_eq!(Code::read(&format!("{}0", *text)), Err(Trouble::Mistyped));
        assert_eq!(Code::read(&text.replacen(&text[..1], "U", 1)), Err(Trouble::Mistyped));
        // One character for another, everywhere: what passes by chance is rare.
        let mut passed = 0;
        for place in (0..text.len()).filter(|place| text.as_bytes()[*place] != b'-') {
            for digit in ALPHABET.iter().filter(|digit| **digit != text.as_bytes()[place]) {
                let mut slip = text.as_bytes().to_vec();
                slip[place] = *digit;
                passed += u32::from(Code::read(std::str::from_utf8(&slip).unwrap()).is_ok());
            }
        }
        assert!(passed < 6, "{passed} of 868 slips passed");
    }
}
