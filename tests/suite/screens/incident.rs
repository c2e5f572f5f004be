use gridwatch::screen::incident::{Incident, Message, Side};
use gridwatch::store::Store;

use super::{Desk, picture, themes};
use crate::stage::Stage;

#[test]
fn pictures() {
    let desk = Desk::busy();
    for seq in (0..desk.store.len()).rev().take(30) {
        let row = desk.store.row(seq).unwrap();
        println!("{seq} {:?} {} {:?}", row.summary.severity, row.summary.title, row.summary.kind);
    }
    let newest = desk.store.len();
    for (name, theme) in themes() {
        for (number, seq) in
            [newest - 1, newest - 2, newest - 3, newest - 4, newest - 5, newest - 9].into_iter().enumerate()
        {
            let mut pane = Incident::default();
            pane.show(seq, &desk.cx());
            let mut stage = Stage::new(620.0, 800.0);
            stage.picture(pane.view(&desk.cx()), &theme, &picture(&format!("incident-{number}"), name));
            if number == 3 {
                let _ = pane.update(Message::Side(Side::Xml), &desk.cx());
                stage.picture(pane.view(&desk.cx()), &theme, &picture("incident-xml", name));
            }
        }
        let mut stage = Stage::new(620.0, 800.0);
        stage.picture(Incident::default().view(&desk.cx()), &theme, &picture("incident-none", name));
    }
}
