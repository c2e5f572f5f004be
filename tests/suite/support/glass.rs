//! A picture drawn as a software window draws its own: only what changed since the last one, with the renderer's own means.

use iced_test::core::{Color, Rectangle, Size};
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::{Text, Viewport, damage};
use iced_tiny_skia::Layer;
use tiny_skia::{Mask, PixmapMut};

/// What `iced_tiny_skia` keeps of a window whose one buffer always holds the last frame, as on X11.
pub struct Glass {
    pixels: Vec<u8>,
    mask: Mask,
    last: Option<Vec<Layer>>,
    viewport: Viewport,
}

/// How much of the picture was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drawn {
    /// Pieces, each of which goes through every layer.
    pub pieces: usize,
    /// Their part of the picture.
    pub share: f64,
}

impl Glass {
    pub fn new(size: Size) -> Self {
        let (width, height) = (size.width as u32, size.height as u32);
        Self {
            pixels: vec![0; (width * height * 4) as usize],
            mask: Mask::new(width, height).unwrap(),
            last: None,
            viewport: Viewport::with_physical_size(Size::new(width, height), 1.0),
        }
    }

    /// The picture, four bytes a pixel.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The next picture is drawn whole.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// Draws what is new in `renderer`'s layers: `iced_tiny_skia::window::compositor::present` without the copy to the screen.
    pub fn present(&mut self, renderer: &mut Renderer, ground: Color) -> Drawn {
        let renderer = software(renderer);
        let whole = Rectangle::with_size(self.viewport.logical_size());
        let changed = match &self.last {
            Some(last) => damage::diff(last, renderer.layers(), |layer| vec![layer.bounds], Layer::damage),
            None => vec![whole],
        };
        if changed.is_empty() {
            return Drawn::default();
        }
        self.last = Some(renderer.layers().to_vec());
        let pieces = damage::group(changed, whole);
        let size = self.viewport.physical_size();
        let mut pixels = PixmapMut::from_bytes(&mut self.pixels, size.width, size.height).unwrap();
        renderer.draw(&mut pixels, &mut self.mask, &self.viewport, &pieces, ground);
        let area: f32 = pieces.iter().map(Rectangle::area).sum();
        Drawn { pieces: pieces.len(), share: f64::from(area / whole.area()) }
    }

    /// How many layers the picture has, and how many texts for each of which a mask of the whole picture is made, because
    /// they do not stand within what they may cover.
    pub fn layers(&self) -> (usize, usize) {
        let layers = self.last.iter().flatten();
        (layers.clone().count(), layers.map(masked).sum())
    }
}

/// Texts of a layer that reach out of their bounds or the layer's.
fn masked(layer: &Layer) -> usize {
    let reaches_out = |text: &Text| match text {
        Text::Paragraph { paragraph, position, clip_bounds, .. } => {
            let own = Rectangle::new(*position, paragraph.min_bounds);
            let clip = layer.bounds.intersection(clip_bounds);
            clip.is_some_and(|clip| clip.intersects(&own) && !own.is_within(&clip))
        }
        _ => false,
    };
    layer.text.iter().flat_map(|group| group.as_slice()).filter(|text| reaches_out(text)).count()
}

#[cfg(not(feature = "gpu"))]
fn software(renderer: &mut Renderer) -> &mut iced_tiny_skia::Renderer {
    renderer
}

#[cfg(feature = "gpu")]
fn software(renderer: &mut Renderer) -> &mut iced_tiny_skia::Renderer {
    match renderer {
        iced_test::renderer::fallback::Renderer::Secondary(own) => own,
        iced_test::renderer::fallback::Renderer::Primary(_) => panic!("the bench draws in software"),
    }
}
