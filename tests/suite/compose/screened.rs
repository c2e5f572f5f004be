//! The composer as people use it: whatever is done in its screen, from whichever template, preflight's word for the document
//! is the judges' word for it, and every step goes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use gridwatch::compose::cards::Field as Of;
use gridwatch::compose::draft::Act;
use gridwatch::compose::form::{Go, Kind};
use gridwatch::compose::preflight;
use gridwatch::compose::template::TEMPLATES;
use gridwatch::screen::composer::stock::Act as Stock;
use gridwatch::screen::composer::{Desk, For, Found, Goes, Message, Paste, Screen};
use iced_test::core::text::editor::{Action, Edit};

use super::super::check::generate::Chance;
use super::super::screens;
use super::{complete, is_valid, judged, value};

/// What a person finds to press: a message, or nothing where there is nothing of that sort.
fn pressed(desk: &Desk, chance: &mut Chance) -> Vec<Message> {
    let rows = desk.rows().len();
    let sheet = desk.sheet();
    match chance.below(14) {
        0 if chance.below(4) == 0 => vec![Message::Whole],
        0..4 => vec![Message::Look(chance.below(rows + 1))],
        4..7 => match desk.fields().as_slice() {
            [] => Vec::new(),
            fields => {
                let field = fields[chance.below(fields.len())];
                let words = match chance.below(10) {
                    0 => String::new(),
                    1 => "no value \u{1F600} <&>".to_owned(),
                    _ => value(field, chance),
                };
                let spot = field.spot.clone();
                match field.kind {
                    Kind::Fixed(_) => Vec::new(),
                    Kind::DateTime => {
                        let typed = [words.as_str(), "21.11.2026 16:05", "-2h", "16:05 UTC", "soon"][chance.below(5)];
                        vec![Message::When(spot, typed.to_owned())]
                    }
                    Kind::Words | Kind::Lines => {
                        vec![Message::Write(spot, Action::Edit(Edit::Paste(Arc::new(words))))]
                    }
                    _ => vec![Message::Act(Act::Set { spot, value: words })],
                }
            }
        },
        7 => match desk.essentials() {
            [] => Vec::new(),
            all => {
                let typed = ["green", "198.51.100.7", "duty@csirt.example", "words"][chance.below(4)];
                vec![Message::Slot(all[chance.below(all.len())].slot, typed.to_owned())]
            }
        },
        8 => vec![
            Message::AddHere,
            Message::Step(isize::try_from(chance.below(9)).unwrap()),
            if chance.below(8) == 0 { Message::Query("zzz".to_owned()) } else { Message::Query(String::new()) },
            Message::Step(isize::try_from(chance.below(9)).unwrap()),
            Message::TakeHere,
            Message::Pick(None),
        ],
        9 => sheet.filter(|sheet| !sheet.instead.is_empty()).map_or_else(Vec::new, |sheet| {
            vec![Message::Pick(Some(For::Instead(sheet.node))), Message::TakeHere, Message::Pick(None)]
        }),
        10 => vec![[Message::Rise, Message::Sink, Message::Double, Message::Remove][chance.below(4)].clone()],
        11 => vec![[Message::Undo, Message::Undo, Message::Redo][chance.below(3)].clone()],
        12 => {
            let pasted =
                ["198.51.100.9 evil.example", "CVE-2026-0001 and a1b2c3.example/x", "nothing"][chance.below(3)];
            let paste = Paste::Write(Action::Edit(Edit::Paste(Arc::new(pasted.to_owned()))));
            let manner = Paste::Manner(chance.below(4));
            [Paste::Open, paste, manner, Paste::Enter, Paste::Close].map(Message::Paste).into()
        }
        _ => vec![Message::Stock(Stock::Choose(None)), Message::TakeHere, Message::Pick(None)],
    }
}

#[test]
fn whatever_is_done_in_the_screen_is_judged_as_preflight_says_and_goes_back() {
    let world = screens::Desk::empty();
    let cx = world.cx();
    let (mut documents, mut verdicts) = (Vec::new(), BTreeMap::<(usize, bool), usize>::new());
    for seed in 0..1_000 {
        let mut chance = Chance::new(seed + 91);
        let kind = seed as usize % (TEMPLATES.len() + 1);
        let mut screen = Screen::default();
        // A card is at hand.
        let _ = screen.update(Message::Stock(Stock::NewCard), &cx);
        for (field, words) in [(Of::Label, "duty"), (Of::Email, "duty@csirt.example"), (Of::Telephone, "+49 30 1234")] {
            let _ = screen.update(Message::Stock(Stock::Write(field, words.to_owned())), &cx);
        }
        let _ = screen.update(Message::Stock(Stock::KeepCard), &cx);
        let _ = screen.update(Message::Begin(kind), &cx);
        let start = screen.desk().unwrap().document().text().to_owned();
        for _ in 0..chance.below(24) {
            for message in pressed(screen.desk().unwrap(), &mut chance) {
                let before = screen.desk().unwrap().document().text().to_owned();
                let kept = matches!(message, Message::Remove)
                    && screen.desk().unwrap().sheet().is_none_or(|sheet| sheet.can_go != Go::Freely);
                let _ = screen.update(message, &cx);
                assert!(!kept || screen.desk().unwrap().document().text() == before, "what is needed was removed");
            }
            // A remedy is pressed as it was found.
            if chance.below(6) == 0 {
                let desk = screen.desk().unwrap();
                let list = preflight::document(desk.document(), false, &|_, _| false);
                let fix = list.iter().position(|finding| !finding.fixes.is_empty());
                let found = Found { list, said: Vec::new(), goes: Goes::default() };
                let _ = screen.update(Message::Looked(desk.id.clone(), desk.revision(), found), &cx);
                let _ = fix.map(|at| screen.update(Message::Fix(at, 0), &cx));
            }
        }
        while screen.desk().unwrap().draft().can_redo() {
            let _ = screen.update(Message::Redo, &cx);
        }
        let end = screen.desk().unwrap().document().text().to_owned();
        while screen.desk().unwrap().draft().can_undo() {
            let _ = screen.update(Message::Undo, &cx);
        }
        assert_eq!(screen.desk().unwrap().document().text(), start, "{seed}");
        while screen.desk().unwrap().draft().can_redo() {
            let _ = screen.update(Message::Redo, &cx);
        }
        assert_eq!(screen.desk().unwrap().document().text(), end, "{seed}");
        let mut draft = screen.desk().unwrap().draft().clone();
        // Half of them as somebody left them, half brought to an end.
        if seed % 2 == 0 {
            let root = draft.document().root().id();
            let _ = complete(&mut draft, root, &mut chance);
        }
        let valid = is_valid(&draft);
        let blocks = preflight::blocks(&preflight::document(draft.document(), false, &|_, _| false));
        assert!(valid || blocks, "what is not valid goes through: {}", draft.document().text());
        *verdicts.entry((kind, valid)).or_default() += 1;
        documents.push((format!("sequence {seed} of {kind}"), draft));
    }
    assert!(verdicts.len() == 2 * (TEMPLATES.len() + 1) && verdicts.values().all(|count| *count > 4), "{verdicts:?}");
    judged(&documents);
}
