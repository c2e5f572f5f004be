//! A store that a test stands in front of another: what it does not do in a way of its own is handed on.

/// All of `Store` but `commit` and `row`, handed on to the store in this field.
macro_rules! hands_on {
    ($to:ident) => {
        fn retract(
            &self,
            keys: &[gridwatch::store::ItemKey],
            at: chrono::DateTime<chrono::Utc>,
        ) -> Result<Vec<gridwatch::store::Seq>, gridwatch::store::Error> {
            self.$to.retract(keys, at)
        }

        fn retract_topic(
            &self,
            topic: &gridwatch::model::TopicId,
            at: chrono::DateTime<chrono::Utc>,
        ) -> Result<Vec<gridwatch::store::Seq>, gridwatch::store::Error> {
            self.$to.retract_topic(topic, at)
        }

        fn held(
            &self,
            topic: &gridwatch::model::TopicId,
        ) -> Result<Vec<gridwatch::store::Held>, gridwatch::store::Error> {
            self.$to.held(topic)
        }

        fn absent(
            &self,
            items: &[(gridwatch::store::ItemKey, gridwatch::store::Seq)],
            at: chrono::DateTime<chrono::Utc>,
        ) -> Result<Vec<gridwatch::store::Seq>, gridwatch::store::Error> {
            self.$to.absent(items, at)
        }

        fn keep_coverage(
            &self,
            account: &gridwatch::model::BareJid,
            records: Vec<gridwatch::store::Record>,
        ) -> Result<(), gridwatch::store::Error> {
            self.$to.keep_coverage(account, records)
        }

        fn coverage(
            &self,
            account: &gridwatch::model::BareJid,
        ) -> Result<Vec<gridwatch::store::Record>, gridwatch::store::Error> {
            self.$to.coverage(account)
        }

        fn payload(
            &self,
            seq: gridwatch::store::Seq,
        ) -> Result<Option<gridwatch::store::Payload>, gridwatch::store::Error> {
            self.$to.payload(seq)
        }

        fn find(
            &self,
            key: &gridwatch::store::ItemKey,
        ) -> Result<Option<gridwatch::store::Seq>, gridwatch::store::Error> {
            self.$to.find(key)
        }

        fn len(&self) -> u32 {
            self.$to.len()
        }
    };
}

pub(crate) use hands_on;
