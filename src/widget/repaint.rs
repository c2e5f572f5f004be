//! Has the software renderer paint a place anew where something else stands there than in the frame before; see
//! [`theme::surface::unseen`]. It costs no pixel: what is compared is an empty text as large as the place.

use std::hash::Hash;

use iced::advanced::Text;
use iced::advanced::text::{self, Renderer as _};
use iced::{Pixels, Rectangle, Renderer, alignment};

use crate::theme::{self, size};

/// A frame's painting goes over its edges by this; what stands beside a place that is painted anew is left in peace.
const EDGE: f32 = 1.0;

/// Marks `place`, as far as it shows in `clip`, as what `mark` stands for.
pub fn repaint(renderer: &mut Renderer, place: Rectangle, clip: Rectangle, mark: impl Hash) {
    let Some(place) = place.shrink([EDGE, 0.0]).intersection(&clip) else { return };
    let nothing = Text {
        content: String::new(),
        bounds: place.size(),
        size: Pixels(size::BODY),
        line_height: text::LineHeight::default(),
        font: theme::UI,
        align_x: text::Alignment::Default,
        align_y: alignment::Vertical::Top,
        shaping: text::Shaping::Basic,
        wrapping: text::Wrapping::None,
    };
    renderer.fill_text(nothing, place.position(), theme::surface::unseen(mark), place);
}
