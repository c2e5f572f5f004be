use gridwatch::screen::feed::Feed;
use gridwatch::store::Store;

use super::{Desk, picture, themes};
use crate::stage::Stage;

#[test]
fn pictures() {
    let desk = Desk::busy();
    let mut feed = Feed::default();
    feed.reset(&desk.store);
    let recent: Vec<_> = (desk.store.len() - 40..desk.store.len()).collect();
    let mut fresh = Feed::default();
    fresh.reset(&Desk::empty().store);
    fresh.stored(&recent, &desk.cx());
    for (name, theme) in themes() {
        for (width, height) in [(1280.0, 800.0), (620.0, 800.0)] {
            let mut stage = Stage::new(width, height);
            stage.picture(feed.view(&desk.cx()), &theme, &picture(&format!("feed-{width}"), name));
            stage.picture(fresh.view(&desk.cx()), &theme, &picture(&format!("feed-unread-{width}"), name));
        }
    }
}
