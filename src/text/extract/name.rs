//! Names with full stops in them: is it a domain or a file?

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Doubt;
use crate::model::{ObservableKind, typed};

/// The top-level domains there are, from the public suffix list of September 2026, in A-labels.
static TLDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    // Beside them what reports speak of: RFC 2606, RFC 6761, RFC 7686, and roots of other systems.
    const OTHERS: [&str; 14] = [
        "example",
        "invalid",
        "test",
        "localhost",
        "local",
        "localdomain",
        "internal",
        "lan",
        "home",
        "corp",
        "onion",
        "i2p",
        "bit",
        "arpa",
    ];
    include_str!("tlds.txt").split_whitespace().chain(OTHERS).collect()
});

/// What files end in, and no domain does.
static FILES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    "exe dll sys scr cpl ocx drv efi bat cmd ps1 psm1 psd1 vbs vbe vb js jse jsp jspx wsf wsh wsc hta msi msp msu msix \
     appx appxbundle lnk url pif reg inf jar class war ear apk dex ipa dmg pkg deb rpm iso img vhd vhdx vmdk cab 7z rar \
     gz tgz bz2 xz lz lzma zst tar arj ace lzh z doc docx docm dot dotx dotm xls xlsx xlsm xlsb xlt xltm xll xla xlam ppt \
     pptx pptm ppa ppam pps ppsm pot potm rtf pdf odt ods odp one csv tsv txt log dat bin tmp bak old swp db sqlite mdb \
     pst ost eml msg ics vcf html htm xhtml mht mhtml shtml php php3 php5 phtml asp aspx ashx asmx cgi xml xsl xsd svg \
     json yml yaml ini cfg conf config toml chm hlp swf jpg jpeg png gif bmp ico tif tiff webp mp3 mp4 avi mkv wav flv c \
     cpp h hpp o a ko elf dylib rb lua go java kt swift ts tsx jsx css scss vue sql pcap pcapng cap dmp mem raw vmem evtx \
     evt pem crt cer der p12 pfx key pub asc gpg sig torrent onepkg settingcontent-ms library-ms search-ms sct xsn udl \
     nls mui fon ttf otf woff woff2 pyc pyd pyw whl ipynb tmpl bashrc kdbx ovpn rdp vsix crx xpi nupkg lock"
        .split_whitespace()
        .collect()
});

/// What files and domains end in, and of two labels rather files.
const BOTH: [&str; 8] = ["zip", "mov", "sh", "py", "so", "md", "cab", "ps"];

/// Names of things that have a full stop and are no host.
const THINGS: [&str; 12] = [
    "asp.net",
    "vb.net",
    "ado.net",
    "system.net",
    "node.js",
    "vue.js",
    "next.js",
    "react.js",
    "require.js",
    "e.g",
    "i.e",
    "socket.io",
];

/// What is known of a name beyond its letters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// Somebody defanged it: they meant a host.
    pub defanged: bool,
    /// It is all of a line or of a cell.
    pub alone: bool,
    /// It stands behind a path.
    pub in_path: bool,
}

pub type Named = (ObservableKind, String, Option<Doubt>);

/// Whether a top-level domain has this name, in A-labels and lower case.
pub fn is_tld(name: &str) -> bool {
    TLDS.contains(name)
}

/// Whether files end so.
pub fn is_file_ending(ending: &str) -> bool {
    let ending = ending.to_ascii_lowercase();
    FILES.contains(ending.as_str()) || BOTH.contains(&ending.as_str())
}

/// Whether a file is called so: there is a name before its ending.
pub fn is_file_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        stem.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80) && is_file_ending(ending)
    })
}

/// What a name is, if it is one.
pub fn name(text: &str, around: Around) -> Option<Named> {
    let text = text.trim_end_matches('.');
    let (stem, last) = text.rsplit_once('.')?;
    if !around.defanged && THINGS.iter().any(|thing| thing.eq_ignore_ascii_case(text)) {
        return None;
    }
    if stem.is_empty() || last.len() > 63 || text.len() > 1_024 || around.in_path {
        return file(text).filter(|_| text.len() <= 255);
    }
    let ending = if last.is_ascii() { last.to_ascii_lowercase() } else { idna::domain_to_ascii(last).ok()? };
    if !is_tld(&ending) {
        if FILES.contains(ending.as_str()) {
            return file(text);
        }
        let is_word = ending.len() >= 2 && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
        let meant = is_word && (around.defanged || around.alone || stem.to_ascii_lowercase().starts_with("www."));
        return meant.then(|| Some((ObservableKind::Domain, typed::domain(text)?, Some(Doubt::Ending))))?;
    }
    let domain = typed::domain(text)?;
    let is_either = BOTH.contains(&ending.as_str()) && !stem.contains('.');
    if around.defanged {
        // Whoever defanged it meant a host.
        return Some((ObservableKind::Domain, domain, is_either.then_some(Doubt::FileOrDomain)));
    }
    if is_either {
        return Some((ObservableKind::File, text.to_owned(), Some(Doubt::FileOrDomain)));
    }
    let doubt = is_sentence(stem, last).then_some(Doubt::Sentence).filter(|_| !around.alone);
    Some((ObservableKind::Domain, domain, doubt))
}

fn file(text: &str) -> Option<Named> {
    is_file_name(text).then(|| (ObservableKind::File, text.to_owned(), None))
}

/// `done.It`: a word, a full stop, a word with a capital.
fn is_sentence(stem: &str, last: &str) -> bool {
    let capital = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
    let rest_is_small = last.chars().skip(1).all(char::is_lowercase);
    capital(last) && rest_is_small && last.chars().count() > 1 && !stem.contains('.') && {
        // `Bad.Example` is a name in its best clothes; `the end.It` is not.
        !capital(stem) || stem.chars().count() <= 1
    }
}
