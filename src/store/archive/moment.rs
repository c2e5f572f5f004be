//! Times as the archive keeps them: nanoseconds since 1970, so that none of the ledger's comparisons comes out otherwise
//! after a restart. What is before 1677 or after 2262 is kept as that edge; the payload has the sender's own text.

use chrono::{DateTime, Utc};

pub fn write(at: DateTime<Utc>) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(if at < DateTime::UNIX_EPOCH { i64::MIN } else { i64::MAX })
}

pub fn read(nanos: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_and_far_ones_are_the_edge() {
        let at = DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap();
        assert_eq!(read(write(at)), at);
        let (old, far) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert!(read(write(old)) < DateTime::UNIX_EPOCH && read(write(far)) > at);
    }
}
