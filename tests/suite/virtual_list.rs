//! The list under its reader's hands: nothing he looks at moves, keys and wheel do, and little is said.

use iced_test::core::Element;
use iced_test::core::keyboard::key::Named;
use iced_test::core::widget::operation::focusable;
use iced_test::renderer::Renderer;

use gridwatch::theme::Theme;
use gridwatch::widget::{self, Visible, virtual_list};

use crate::stage::{Stage, click, key, letter, wheel};
use crate::support::glass::{Drawn, Glass};

const ROW: f32 = 20.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Select(usize),
    Open(usize),
    Visible(Visible),
}

/// A reader before a list of numbers, newest first; 200 px high, so ten rows.
struct Reader {
    stage: Stage,
    rows: Vec<u32>,
    row: f32,
    selected: Option<u32>,
    follow: bool,
    basis: u64,
    last: Visible,
    said: usize,
}

impl Reader {
    fn new(rows: impl IntoIterator<Item = u32>) -> Self {
        let stage = Stage::new(300.0, 200.0);
        let rows = rows.into_iter().collect();
        let mut reader =
            Self { stage, rows, row: ROW, selected: None, follow: false, basis: 0, last: Visible::default(), said: 0 };
        let _ = reader.act(&[]);
        reader
    }

    fn view(
        rows: &[u32],
        height: f32,
        selected: Option<u32>,
        follow: bool,
        basis: u64,
    ) -> Element<'_, Said, Theme, Renderer> {
        let row = |index: usize| widget::line(rows[index].to_string()).into();
        // The rows are ordered newest (greatest) first.
        let locate = |key: &u32| rows.binary_search_by(|row| key.cmp(row)).ok();
        virtual_list(rows.len(), height, row, |index| rows[index], locate)
            .selected(selected.and_then(|key| locate(&key)))
            .follow(follow)
            .basis(basis)
            .id("list")
            .on_select(Said::Select)
            .on_open(Said::Open)
            .on_visible(Said::Visible)
            .into()
    }

    fn act(&mut self, events: &[iced_test::core::Event]) -> Vec<Said> {
        let view = Self::view(&self.rows, self.row, self.selected, self.follow, self.basis);
        let said = self.stage.act(view, events);
        for said in &said {
            match said {
                Said::Visible(visible) => {
                    self.last = *visible;
                    self.said += 1;
                }
                Said::Select(index) => self.selected = Some(self.rows[*index]),
                Said::Open(_) => {}
            }
        }
        if !said.is_empty() {
            let _ = self.act(&[]);
        }
        said
    }

    /// The text and place of every row that shows.
    fn shown(&mut self) -> Vec<(u32, f32)> {
        let view = Self::view(&self.rows, self.row, self.selected, self.follow, self.basis);
        let texts = self.stage.texts(view);
        texts.into_iter().map(|(text, bounds)| (text.parse().unwrap(), bounds.y)).collect()
    }

    fn top(&mut self) -> u32 {
        self.shown()[0].0
    }

    fn focus(&mut self) {
        let view = Self::view(&self.rows, self.row, self.selected, self.follow, self.basis);
        self.stage.operate(view, &mut focusable::focus("list".into()));
    }
}

/// A window paints what changed; what comes in where one does not look changes next to nothing, and nothing stale stays.
#[test]
fn what_comes_above_is_not_painted_and_what_moved_is() {
    // All of one length: words of one size are all the same to the renderer.
    let mut reader = Reader::new((100..1_000).rev());
    let _ = reader.stage.point(50.0, 50.0);
    let _ = reader.act(&[wheel(2.0)]);
    let mut glass = Glass::new(reader.stage.size);
    let mut present = |reader: &mut Reader| {
        let view = Reader::view(&reader.rows, reader.row, reader.selected, reader.follow, reader.basis);
        let (drawn, whole) = reader.stage.present(view, &mut glass);
        assert!(whole, "the window shows what is not there");
        drawn
    };
    assert_eq!(present(&mut reader), Drawn { share: 1.0, pieces: 1 });
    assert_eq!(present(&mut reader), Drawn::default());
    // As many come as the thumb needs to move.
    let _ = reader.rows.splice(0..0, (1_000..1_400).rev());
    let above = present(&mut reader);
    assert!(above.share < 0.05, "only the thumb moves: {above:?}");
    // Nothing but the two rows.
    reader.selected = Some(992);
    let _ = present(&mut reader);
    reader.selected = Some(991);
    let step = present(&mut reader);
    assert!(step.share < 0.6, "{step:?}");
    // By one row: every place has other words of the same size.
    reader.selected = None;
    let _ = reader.act(&[wheel(-1.0)]);
    let _ = present(&mut reader);
    let _ = reader.rows.remove(300);
    let _ = reader.rows.remove(500);
    let gone = reader.top();
    reader.rows.retain(|row| *row != gone);
    let moved = present(&mut reader);
    assert!(moved.share > 0.9 && moved.pieces == 1, "{moved:?}");
    // Scrolled, it is painted in one piece and not word by word.
    let _ = reader.act(&[wheel(1.3)]);
    let scrolled = present(&mut reader);
    assert!(scrolled.share > 0.9 && scrolled.pieces == 1, "{scrolled:?}");
}

#[test]
fn only_rows_that_show_are_built_and_said_once() {
    let mut reader = Reader::new((0..1_000_000).rev());
    assert_eq!(reader.shown().len(), 10);
    assert_eq!(reader.last, Visible { first: 0, end: 10, at_edge: true, above: 0 });
    for _ in 0..5 {
        assert_eq!(reader.act(&[]), []);
    }
    assert_eq!(reader.said, 1);
}

#[test]
fn rows_that_come_in_move_nothing_the_reader_looks_at() {
    let mut reader = Reader::new((0..1000).rev());
    let _ = reader.stage.point(50.0, 50.0);
    let _ = reader.act(&[wheel(2.0)]);
    let before = reader.shown();
    assert_eq!(before[0].0, 993);
    let _ = reader.rows.splice(0..0, (1000..1037).rev());
    assert_eq!(reader.shown(), before);
    let _ = reader.act(&[]);
    assert_eq!(reader.last.above, 37);
    assert!(!reader.last.at_edge);
    // Rows that go elsewhere move nothing either; 1036..=1030 stood above.
    reader.rows.retain(|row| *row < 1030);
    assert_eq!(reader.shown(), before);
}

#[test]
fn at_the_edge_a_followed_list_shows_what_comes_and_another_holds_still() {
    let mut reader = Reader::new((0..100).rev());
    reader.follow = true;
    let _ = reader.act(&[]);
    reader.rows.insert(0, 100);
    assert_eq!(reader.top(), 100);
    assert_eq!(reader.last.above, 0);
    reader.follow = false;
    let _ = reader.act(&[]);
    let _ = reader.rows.splice(0..0, [102, 101]);
    assert_eq!(reader.top(), 100);
    let _ = reader.act(&[]);
    assert_eq!(reader.last.above, 2);
}

#[test]
fn followed_or_not_nothing_moves_away_from_the_edge() {
    let mut reader = Reader::new((0..100).rev());
    reader.follow = true;
    let _ = reader.stage.point(50.0, 50.0);
    let _ = reader.act(&[wheel(1.0)]);
    assert_eq!(reader.top(), 96);
    reader.rows.insert(0, 100);
    assert_eq!(reader.top(), 96);
}

#[test]
fn the_selected_row_stays_in_its_place_when_the_filter_changes() {
    let mut reader = Reader::new((0..1000).rev());
    let _ = reader.stage.point(50.0, 50.0);
    let _ = reader.act(&[wheel(10.0)]);
    let _ = reader.stage.point(50.0, 90.0);
    let _ = reader.act(&click());
    let selected = reader.selected.unwrap();
    let place = |shown: &[(u32, f32)]| shown.iter().find(|(row, _)| *row == selected).unwrap().1;
    let before = place(&reader.shown());
    reader.rows.retain(|row| row % 5 == selected % 5);
    reader.basis = 1;
    let after = reader.shown();
    assert_eq!(place(&after), before);
    let _ = reader.act(&[]);
    assert_eq!(reader.last.above, 0, "another filter is no news");
}

#[test]
fn another_density_keeps_the_first_row() {
    let mut reader = Reader::new((0..1_000_000).rev());
    let _ = reader.stage.point(50.0, 50.0);
    let _ = reader.act(&[wheel(20_000.0)]);
    let first = reader.top();
    reader.row = 36.0;
    assert_eq!(reader.top(), first);
    reader.row = ROW;
    assert_eq!(reader.top(), first);
}

#[test]
fn a_shrunk_list_shows_its_end_and_an_emptied_one_nothing() {
    let mut reader = Reader::new((0..1000).rev());
    reader.focus();
    let _ = reader.act(&[key(Named::End)]);
    assert_eq!(reader.shown().last().unwrap().0, 0);
    reader.rows = vec![7, 6];
    assert_eq!(reader.shown().len(), 2);
    reader.rows.clear();
    assert_eq!(reader.shown(), []);
    assert_eq!(
        reader.act(&[key(Named::ArrowDown), key(Named::Enter)]),
        [Said::Visible(Visible { at_edge: true, ..Visible::default() })]
    );
}

#[test]
fn keys_move_the_selection_and_keep_it_in_view() {
    let mut reader = Reader::new((0..1000).rev());
    assert_eq!(reader.act(&[letter("j")]), [], "keys are not the list's before it has the focus");
    reader.focus();
    assert_eq!(reader.act(&[letter("j")]), [Said::Select(0)]);
    assert_eq!(reader.act(&[letter("j")]), [Said::Select(1)]);
    assert_eq!(reader.act(&[letter("k")]), [Said::Select(0)]);
    assert_eq!(reader.act(&[letter("k")]), []);
    assert_eq!(reader.act(&[key(Named::PageDown)])[0], Said::Select(9));
    assert_eq!(reader.top(), 999, "all of row 9 showed already");
    let _ = reader.act(&[key(Named::ArrowDown)]);
    assert_eq!(reader.top(), 998);
    let _ = reader.act(&[key(Named::End)]);
    assert_eq!(reader.selected, Some(0));
    assert_eq!(reader.shown().last().unwrap(), &(0, 180.0 + row_inset()));
    let _ = reader.act(&[key(Named::Home)]);
    assert_eq!(reader.top(), 999);
    assert_eq!(reader.act(&[key(Named::Enter)]), [Said::Open(0)]);
}

/// Text stands in the middle of its row.
fn row_inset() -> f32 {
    Reader::new([1]).shown()[0].1
}

#[test]
fn the_thumb_can_be_dragged_to_the_end_of_a_million_rows() {
    let mut reader = Reader::new((0..1_000_000).rev());
    let grab = reader.stage.point(295.0, 10.0);
    let _ = reader.act(&[grab, click()[0].clone()]);
    let pull = reader.stage.point(295.0, 400.0);
    let _ = reader.act(&[pull]);
    assert_eq!(reader.shown().last().unwrap().0, 0);
    let _ = reader.act(&[click()[1].clone()]);
    let away = reader.stage.point(295.0, 20.0);
    let _ = reader.act(&[away]);
    assert_eq!(reader.shown().last().unwrap().0, 0, "released");
    assert_eq!(reader.selected, None, "the scrollbar selects nothing");
}

#[test]
fn the_wheel_moves_three_rows_a_notch_and_fractions_add_up() {
    let mut reader = Reader::new((0..1000).rev());
    let _ = reader.stage.point(50.0, 50.0);
    let _ = reader.act(&[wheel(1.0)]);
    assert_eq!(reader.top(), 996);
    let _ = reader.act(&[wheel(-5.0)]);
    assert_eq!(reader.top(), 999);
    for _ in 0..30 {
        let _ = reader.act(&[wheel(0.1)]);
    }
    assert_eq!(reader.top(), 990);
}
