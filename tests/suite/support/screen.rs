//! A real X screen without a monitor: Xvfb with its framebuffer in a file, which is read as XWD and kept as PNG. A
//! window is fitted to the screen as a window manager would.

use std::fs;
use std::io::{BufRead, BufReader, BufWriter};
use std::path::Path;
use std::process::{Command, Stdio};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, MapState, Window};
use x11rb::rust_connection::RustConnection;

use super::child::Guard;
use super::{tools, wait};

/// A screen of its own, gone with this value.
pub struct Screen {
    dir: tempfile::TempDir,
    display: String,
    width: u16,
    height: u16,
    _process: Guard,
}

/// One picture of the screen: three bytes a pixel, rows from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

impl Screen {
    pub fn start(width: u16, height: u16) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(tools::need("Xvfb", "xvfb"));
        let _ = command
            .args(["-displayfd", "1", "-screen", "0", &format!("{width}x{height}x24"), "-nolisten", "tcp", "-fbdir"])
            .arg(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = Guard::group(&mut command);
        let mut number = String::new();
        let _ = BufReader::new(process.child.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb did not start");
        Self { dir, display: format!(":{}", number.trim()), width, height, _process: process }
    }

    /// For the variable `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Waits for a window and makes it as large as the screen.
    pub fn fit(&self) {
        let (connection, window) = self.window();
        let whole = ConfigureWindowAux::new().x(0).y(0).width(u32::from(self.width)).height(u32::from(self.height));
        connection.configure_window(window, &whole).unwrap().check().unwrap();
    }

    /// Asks the window to close, as its close button would (ICCCM §4.2.8.1).
    pub fn close(&self) {
        let (connection, window) = self.window();
        let atom = |name: &str| connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let data = [atom("WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS"), data);
        connection.send_event(false, window, EventMask::NO_EVENT, event).unwrap().check().unwrap();
    }

    fn window(&self) -> (RustConnection, Window) {
        let (connection, number) = RustConnection::connect(Some(&self.display)).unwrap();
        let root = connection.setup().roots[number].root;
        let window = wait::until("a window", || {
            let children = connection.query_tree(root).unwrap().reply().unwrap().children;
            children.into_iter().find(|window| {
                let shown = connection.get_window_attributes(*window).unwrap().reply();
                let size = connection.get_geometry(*window).unwrap().reply();
                shown.is_ok_and(|shown| shown.map_state == MapState::VIEWABLE)
                    && size.is_ok_and(|size| size.width > 300)
            })
        });
        (connection, window)
    }

    pub fn picture(&self) -> Picture {
        read_xwd(&fs::read(self.dir.path().join("Xvfb_screen0")).unwrap())
    }
}

/// Reads an XWD dump (X11/XWDFile.h): a header of big-endian words, a colour map, rows of 32-bit pixels.
pub fn read_xwd(bytes: &[u8]) -> Picture {
    let word = |at: usize| u32::from_be_bytes(bytes[at * 4..at * 4 + 4].try_into().unwrap());
    let size = |at: usize| usize::try_from(word(at)).unwrap();
    assert_eq!((word(1), word(2)), (7, 2), "not a ZPixmap in XWD version 7");
    let (width, height, little) = (size(4), size(5), word(7) == 0);
    let (bits, stride) = (word(11), size(12));
    assert_eq!((bits, word(14), word(15), word(16)), (32, 0xff_0000, 0xff00, 0xff), "not 8 bits a colour");
    let pixels = &bytes[size(0) + size(19) * 12..];
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in pixels.chunks(stride).take(height) {
        for pixel in row[..width * 4].chunks(4) {
            let order = if little { [2, 1, 0] } else { [1, 2, 3] };
            rgb.extend(order.map(|at| pixel[at]));
        }
    }
    assert_eq!(rgb.len(), width * height * 3, "a picture cut short");
    Picture { width: word(4), height: word(5), rgb }
}

impl Picture {
    pub fn pixels(&self) -> impl Iterator<Item = [u8; 3]> {
        self.rgb.chunks(3).map(|pixel| [pixel[0], pixel[1], pixel[2]])
    }

    /// How many pixels have exactly this colour.
    pub fn count(&self, colour: [u8; 3]) -> usize {
        self.pixels().filter(|pixel| *pixel == colour).count()
    }

    /// How many different colours there are.
    pub fn colours(&self) -> usize {
        self.pixels().collect::<std::collections::HashSet<_>>().len()
    }

    pub fn save(&self, path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = BufWriter::new(fs::File::create(path).unwrap());
        let mut encoder = png::Encoder::new(file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(&self.rgb).unwrap();
    }
}
