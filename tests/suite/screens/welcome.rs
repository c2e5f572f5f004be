use gridwatch::screen::welcome::Welcome;

use super::{Desk, picture, themes};
use crate::stage::Stage;

#[test]
fn pictures() {
    let desk = Desk::empty();
    for (name, theme) in themes() {
        let mut stage = Stage::new(1280.0, 800.0);
        stage.picture(Welcome::default().view(&desk.cx()), &theme, &picture("welcome", name));
    }
}
