//! What of the feed is meant when all of it is.

use super::Feed;
use crate::store::finder::Chosen;

impl Feed {
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        let wanted = self.asked(None).wanted;
        let filter = wanted.query.to_string();
        Chosen { wanted, before: self.horizon(), marked: self.marked.clone(), filter }
    }
}
