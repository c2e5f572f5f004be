//! The keys that screens take themselves (`product.md` B2), for the help sheet. The screens' own code makes them work; a test
//! presses every one of them.

/// A screen: the catalog key of its name, and each of its acts, with its keys and its catalog key. Keys that are pressed one
/// after the other have a space between them.
pub type Screen = (&'static str, &'static [(&'static [&'static str], &'static str)]);

/// The feed first.
pub const OWN: &[Screen] = &[
    (
        "app-tab-feed",
        &[
            (&["J", "K", "\u{2193}", "\u{2191}"], "app-keys-rows"),
            (&["N", "Shift+N"], "app-keys-unread"),
            (&[".", "G G", "Shift+G"], "app-keys-newest"),
            (&["5 J"], "app-keys-counts"),
            (&["P", "Shift+F"], "app-keys-flow"),
            (&["H"], "app-keys-shut"),
            (&["E", "Shift+J"], "app-keys-done"),
            (&["S", "M"], "app-keys-mark"),
            (&["Shift+A"], "app-keys-all-read"),
            (&["T", "I", "D"], "app-keys-words"),
            (&["R"], "app-keys-report"),
            (&["Z", "Shift+M"], "app-keys-away"),
            (&["X", "Shift+V", "*"], "app-keys-many"),
            (&["U", "Shift+U"], "app-keys-undo"),
            (&["/", "Esc"], "app-keys-filter"),
            (&["\\"], "app-keys-toggle"),
            (&["+", "-", "="], "app-keys-values"),
            (&["\u{2192}", "\u{2190}"], "app-keys-cell"),
            (&["Shift+S"], "app-keys-order"),
            (&["O", "Shift+O"], "app-keys-groups"),
            (&["G 1", "G S"], "app-keys-views"),
            (&["Alt+\u{2190}", "Alt+\u{2192}", "Ctrl+O", "Ctrl+I"], "app-keys-return"),
            (&["Y Y", "Y R"], "app-keys-copies"),
            (&["Shift+C", "Shift+D"], "app-keys-layout"),
            (&["[", "]", "{", "}"], "app-keys-panes"),
        ],
    ),
    (
        "app-keys-document",
        &[
            (&["1", "2", "3", "4", "5", "6", "7"], "app-keys-sides"),
            (&["W"], "app-keys-width"),
            (&["\u{2190}", "\u{2192}"], "app-keys-tree"),
            (&["Y", "Shift+Y"], "app-keys-copy"),
            (&["+", "-", "="], "app-keys-narrow"),
            (&["Shift+T"], "app-keys-zone"),
            (&["Shift+L"], "app-keys-languages"),
        ],
    ),
    (
        "app-tab-compose",
        &[
            (&["J", "K", "\u{2193}", "\u{2191}"], "app-keys-rows"),
            (&["\u{2190}", "\u{2192}"], "app-keys-tree"),
            (&["A"], "compose-key-add"),
            (&["D"], "compose-key-double"),
            (&["Alt+\u{2191}", "Alt+\u{2193}"], "compose-key-move"),
            (&["X"], "compose-key-remove"),
            (&["P"], "compose-key-paste"),
            (&["U", "Shift+U"], "app-keys-undo"),
            (&["Ctrl+Z", "Ctrl+Y"], "app-keys-undo"),
            (&["Alt+1", "Alt+2", "Alt+3", "Alt+4", "Alt+5"], "compose-key-sides"),
            (&["Ctrl+Enter"], "compose-key-publish"),
            (&["Ctrl+Shift+D"], "compose-double-draft"),
            (&["Ctrl+N"], "compose-key-close"),
        ],
    ),
    ("app-tab-topics", &[(&["J", "K", "\u{2193}", "\u{2191}"], "app-keys-rows"), (&["/"], "app-keys-search")]),
    ("activity-title", &[(&["J", "K", "\u{2193}", "\u{2191}"], "app-keys-rows"), (&["/"], "app-keys-search")]),
    (
        "app-tab-owner",
        &[
            (&["J", "K", "\u{2193}", "\u{2191}"], "app-keys-rows"),
            (&["Y"], "owner-key-approve"),
            (&["N"], "owner-key-deny"),
            (&["Shift+Y"], "owner-approve-known-hint"),
            (&["X", "*", "Shift+N"], "owner-key-many"),
            (&["H"], "owner-key-later"),
            (&["O"], "owner-key-ask"),
            (&["U"], "owner-key-undo"),
            (&["1", "2", "3", "4", "5"], "app-keys-sides"),
            (&["[", "]"], "owner-key-topic"),
        ],
    ),
];
