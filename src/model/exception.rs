//! A person's exceptions from the rules for certificates: what they are bound to and how long they may last.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::session::{Refused, Why};
use super::{Fingerprint, Say};

/// A person's decision to connect in spite of certain faults of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The public key it holds for; another one is refused.
    pub key: Fingerprint,
    /// Tokens of the faults tolerated, sorted; any fault beyond them is refused.
    pub faults: Vec<String>,
    pub made: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// In the person's words.
    pub why: String,
}

/// Why no exception can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExcusable {
    /// The certificate cannot be read, or has no fault: another decision is asked for.
    #[error("there is no fault to except")]
    NoFault,
    /// This fault is never tolerated.
    #[error("the fault {0} is never tolerated")]
    Never(&'static str),
    /// It would begin after its end, or last longer than these days.
    #[error("an exception lasts at most {0} days")]
    TooLong(i64),
}

impl NotExcusable {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::NoFault => Say::new("error-exception-no-fault"),
            Self::Never(_) => Say::new("error-exception-never"),
            Self::TooLong(days) => Say::new("error-exception-too-long").with("days", days.to_string()),
        }
    }
}

/// Days an exception may last.
const DAYS: i64 = 90;
/// Days one may last that is about time: the operator should have mended it by then.
const FEW_DAYS: i64 = 7;
/// Faults about time.
const TIMELY: [&str; 6] = ["expired", "not-yet-valid", "unchecked", "list-stale", "list-forged", "list-broken"];

impl Exception {
    /// Days an exception from these faults may last.
    #[must_use]
    pub fn most_days<T: AsRef<str>>(faults: &[T]) -> i64 {
        if faults.iter().any(|fault| TIMELY.contains(&fault.as_ref())) { FEW_DAYS } else { DAYS }
    }

    /// An exception for exactly the key and the faults of what was refused.
    ///
    /// # Errors
    /// [`NotExcusable`], where a fault may not be tolerated or the end is too far.
    pub fn new(
        refused: &Refused,
        until: DateTime<Utc>,
        why: impl Into<String>,
        now: DateTime<Utc>,
    ) -> Result<Self, NotExcusable> {
        let (Some(certificate), Why::Faults(faults)) = (&refused.certificate, &refused.why) else {
            return Err(NotExcusable::NoFault);
        };
        if let Some(fault) = faults.iter().find(|fault| !fault.excusable) {
            return Err(NotExcusable::Never(fault.token));
        }
        let mut tokens: Vec<String> = faults.iter().map(|fault| fault.token.to_owned()).collect();
        tokens.sort();
        tokens.dedup();
        let exception = Self { key: certificate.key, faults: tokens, made: now, until, why: why.into() };
        if exception.is_short() && until > now {
            Ok(exception)
        } else {
            Err(NotExcusable::TooLong(Self::most_days(&exception.faults)))
        }
    }

    /// Whether it holds for a certificate of this key and these faults now. The limits are looked at again, for the
    /// file it comes from may have been written by hand.
    #[must_use]
    pub fn holds<T: AsRef<str>>(&self, key: Fingerprint, faults: &[T], now: DateTime<Utc>) -> bool {
        self.is_current(key, now) && faults.iter().all(|fault| self.faults.iter().any(|own| own == fault.as_ref()))
    }

    /// Whether it is about this key and has not ended.
    #[must_use]
    pub fn is_current(&self, key: Fingerprint, now: DateTime<Utc>) -> bool {
        // Whole seconds: a handshake's clock knows no more, and the first use follows the making at once.
        let begun = self.made.timestamp() <= now.timestamp();
        self.key == key && self.is_short() && begun && now < self.until
    }

    fn is_short(&self) -> bool {
        self.until - self.made <= TimeDelta::days(Self::most_days(&self.faults))
    }
}

/// For a log: no word of the person's.
impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {} faults {} until {}", self.key, self.faults.join(" "), self.until.format("%Y-%m-%d %H:%MZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::session::{Certificate, FaultWords};
    use super::*;

    fn refused(faults: &[(&'static str, bool)]) -> Refused {
        let say = || Say::new("error-cert-other");
        let words = |(token, excusable): &(&'static str, bool)| FaultWords {
            token,
            cause: say(),
            risk: say(),
            next: say(),
            excusable: *excusable,
        };
        let certificate = Certificate {
            subject: String::new(),
            issuer: String::new(),
            names: Vec::new(),
            not_before: DateTime::UNIX_EPOCH,
            not_after: DateTime::UNIX_EPOCH,
            key_kind: String::new(),
            signature: String::new(),
            fingerprint: Fingerprint([1; 32]),
            key: Fingerprint([2; 32]),
        };
        let why = Why::Faults(faults.iter().map(words).collect());
        Refused { domain: "grid.example".to_owned(), certificate: Some(certificate), why }
    }

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(day * 86_400, 0).unwrap()
    }

    #[test]
    fn only_what_may_be_excused_is_and_only_for_so_long() {
        let make = |faults: &[(&'static str, bool)], days: i64| {
            Exception::new(&refused(faults), day(100 + days), "", day(100))
        };
        assert_eq!(
            make(&[("wrong-host", true), ("self-signed", true)], 90).unwrap().faults,
            ["self-signed", "wrong-host"]
        );
        assert_eq!(make(&[("wrong-host", true)], 91), Err(NotExcusable::TooLong(90)));
        assert_eq!(make(&[("wrong-host", true), ("expired", true)], 8), Err(NotExcusable::TooLong(7)));
        assert!(make(&[("expired", true)], 7).is_ok());
        assert_eq!(make(&[("expired", true)], 0), Err(NotExcusable::TooLong(7)));
        assert_eq!(make(&[("expired", true), ("revoked", false)], 1), Err(NotExcusable::Never("revoked")));
        let unseen = Refused { why: Why::Unseen, ..refused(&[]) };
        assert_eq!(Exception::new(&unseen, day(101), "", day(100)), Err(NotExcusable::NoFault));
    }

    #[test]
    fn it_holds_for_its_key_its_faults_and_its_time() {
        let exception =
            Exception::new(&refused(&[("expired", true), ("no-name", true)]), day(107), "", day(100)).unwrap();
        let (key, other) = (Fingerprint([2; 32]), Fingerprint([3; 32]));
        assert!(exception.holds(key, &["no-name", "expired"], day(106)));
        assert!(exception.holds(key, &["no-name"], day(106)));
        assert!(!exception.holds(other, &["no-name"], day(106)));
        assert!(!exception.holds(key, &["no-name", "self-signed"], day(106)));
        assert!(!exception.holds(key, &["no-name"], day(107)) && !exception.holds(key, &["no-name"], day(99)));
        let stretched = Exception { until: day(9000), ..exception };
        assert!(!stretched.holds(key, &["no-name"], day(106)), "longer than allowed, by hand");
    }
}
