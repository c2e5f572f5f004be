//! A real X screen without a monitor: Xvfb with its framebuffer in a file, which is read as XWD and kept as PNG. A
//! window is fitted to the screen as a window manager would, and keys are pressed as a keyboard does (XTEST).

use std::fs;
use std::io::{BufRead, BufReader, BufWriter};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::child::Guard;
use super::{tools, wait};

/// A screen of its own, gone with this value.
pub struct Screen {
    framebuffer: fs::File,
    display: String,
    width: u16,
    height: u16,
    _dir: tempfile::TempDir,
    _process: Guard,
}

/// A keyboard whose keys go to the one window.
pub struct Keyboard {
    connection: RustConnection,
    /// The first code there is, how many keysyms each has, and all of them.
    codes: (u8, usize, Vec<u32>),
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
        let framebuffer = fs::File::open(dir.path().join("Xvfb_screen0")).unwrap();
        let display = format!(":{}", number.trim());
        Self { framebuffer, display, width, height, _dir: dir, _process: process }
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
        let mut bytes = vec![0; usize::try_from(self.framebuffer.metadata().unwrap().len()).unwrap()];
        self.framebuffer.read_exact_at(&mut bytes, 0).unwrap();
        read_xwd(&bytes)
    }

    /// One pixel of what [`Screen::picture`] would give.
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let mut header = [0; 100];
        self.framebuffer.read_exact_at(&mut header, 0).unwrap();
        let at = Header::read(&header).first() + y * Header::read(&header).size(12) + x * 4;
        let mut pixel = [0; 4];
        self.framebuffer.read_exact_at(&mut pixel, at as u64).unwrap();
        Header::read(&header).order().map(|at| pixel[at])
    }

    /// A keyboard for the window there is; waits for it. No window manager gives it the keys, so this does.
    pub fn keyboard(&self) -> Keyboard {
        let (connection, window) = self.window();
        connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap().check().unwrap();
        let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
        let map = connection.get_keyboard_mapping(first, last - first + 1).unwrap().reply().unwrap();
        Keyboard { codes: (first, map.keysyms_per_keycode.into(), map.keysyms), connection }
    }
}

impl Keyboard {
    /// Presses the key with this X keysym and lets it go; the server has done so when this returns.
    pub fn press(&self, key: u32) {
        let (first, each, keysyms) = &self.codes;
        let at = keysyms.iter().position(|keysym| *keysym == key).unwrap();
        let code = first + u8::try_from(at / each).unwrap();
        for event in [KEY_PRESS_EVENT, KEY_RELEASE_EVENT] {
            let _ = self.connection.xtest_fake_input(event, code, 0, x11rb::NONE, 0, 0, 0).unwrap();
        }
        // A server that is busy forgets what a client asked that has hung up since.
        let _ = self.connection.get_input_focus().unwrap().reply().unwrap();
    }
}

/// The head of an XWD dump (X11/XWDFile.h): words, the greatest byte first.
struct Header<'a>(&'a [u8]);

impl<'a> Header<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let header = Self(bytes);
        assert_eq!((header.word(1), header.word(2)), (7, 2), "not a ZPixmap in XWD version 7");
        let colours = (header.word(11), header.word(14), header.word(15), header.word(16));
        assert_eq!(colours, (32, 0xff_0000, 0xff00, 0xff), "not 8 bits a colour");
        header
    }

    fn word(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.0[at * 4..at * 4 + 4].try_into().unwrap())
    }

    fn size(&self, at: usize) -> usize {
        usize::try_from(self.word(at)).unwrap()
    }

    /// Where the pixels begin.
    fn first(&self) -> usize {
        self.size(0) + self.size(19) * 12
    }

    /// Where a pixel's bytes have red, green and blue.
    fn order(&self) -> [usize; 3] {
        if self.word(7) == 0 { [2, 1, 0] } else { [1, 2, 3] }
    }
}

/// Reads an XWD dump: a header, a colour map, rows of 32-bit pixels.
pub fn read_xwd(bytes: &[u8]) -> Picture {
    let header = Header::read(bytes);
    let (width, height, stride, order) = (header.size(4), header.size(5), header.size(12), header.order());
    let pixels = &bytes[header.first()..];
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in pixels.chunks(stride).take(height) {
        for pixel in row[..width * 4].chunks(4) {
            rgb.extend(order.map(|at| pixel[at]));
        }
    }
    assert_eq!(rgb.len(), width * height * 3, "a picture cut short");
    Picture { width: header.word(4), height: header.word(5), rgb }
}

impl Picture {
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width as usize + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

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
