//! Settings on disk: what is saved is loaded, what is not understood is never destroyed, a kill leaves a whole file.

use std::fs;
use std::path::{Path, PathBuf};

use gridwatch::model::Tls;
use gridwatch::settings::{Density, Error, File, Paths, Profile, Renderer, Settings, Theme, Ui};
use proptest::prelude::*;

use crate::support::{child, wait};

fn file(home: &Path) -> File {
    File::new(&Paths::below(home))
}

/// Loads `text` as a settings file, in a directory that is given back.
fn loaded(text: &str) -> (tempfile::TempDir, File, gridwatch::settings::Loaded) {
    let home = tempfile::tempdir().unwrap();
    let file = file(home.path());
    fs::write(file.path(), text).unwrap();
    let loaded = file.load();
    (home, file, loaded)
}

fn profile() -> impl Strategy<Value = Profile> {
    let jid = prop_oneof!["[a-z]{1,8}@[a-z]{1,8}\\.example", "[a-z]{1,8}\\.example"];
    let text = || proptest::option::of("[ -~\u{e0}-\u{ff}\u{4e00}]{1,20}");
    (
        "[\\pL0-9@._-]{1,16}( [\\pL0-9]{1,4})?",
        jid.clone(),
        text(),
        proptest::option::of(1_u16..),
        proptest::bool::ANY,
        text(),
        proptest::option::of(jid),
        text(),
    )
        .prop_map(|(name, jid, host, port, direct, ca, broker, resource)| Profile {
            host,
            port,
            tls: if direct { Tls::Direct } else { Tls::StartTls },
            ca_file: ca.map(PathBuf::from),
            broker: broker.map(|jid| jid.parse().unwrap()),
            resource,
            ..Profile::new(name, jid.parse().unwrap())
        })
}

fn settings() -> impl Strategy<Value = Settings> {
    let ui = (
        proptest::sample::select(Theme::ALL),
        proptest::sample::select(Density::ALL),
        proptest::sample::select(Renderer::ALL),
        proptest::option::of("[a-z]{2}(-[A-Z]{2})?"),
        proptest::option::of("gridwatch-columns/1 [a-z]{1,8}:[0-9]{1,3}"),
        proptest::option::of(1u16..),
        proptest::option::of(1u16..),
        proptest::option::of(1u16..),
    )
        .prop_map(|(theme, density, renderer, language, columns, side, detail, hold)| Ui {
            theme,
            density,
            renderer,
            language,
            columns,
            side,
            detail,
            hold,
        });
    (ui, proptest::collection::vec(profile(), 0..5)).prop_map(|(ui, profiles)| {
        let mut settings = Settings::default();
        settings.ui = ui;
        for profile in profiles {
            assert!(settings.put(profile.clone()), "{profile:?}");
        }
        settings
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_saved_is_loaded(first in settings(), second in settings()) {
        let home = tempfile::tempdir().unwrap();
        let file = file(&home.path().join("made/on/demand"));
        for settings in [first, second] {
            file.save(&settings).unwrap();
            let loaded = file.load();
            prop_assert_eq!(loaded.trouble, None);
            prop_assert_eq!(loaded.settings, settings);
        }
    }

    #[test]
    fn any_text_starts_and_nothing_is_lost(text in "(version|profile|\\[|\\]|=|\"|\n|[ -~\u{0}\u{ff}]){0,40}") {
        let (home, file, first) = loaded(&text);
        file.save(&first.settings).unwrap_or_else(|error| assert!(matches!(error, Error::Newer { .. }), "{error}"));
        let kept = fs::read_dir(home.path()).unwrap().any(|entry| {
            fs::read_to_string(entry.unwrap().path()).unwrap() == text
        });
        prop_assert!(kept || first.trouble.is_none());
    }
}

#[test]
fn no_file_is_no_trouble_and_none_is_made_by_looking() {
    let home = tempfile::tempdir().unwrap();
    let file = file(home.path());
    assert_eq!(file.load(), gridwatch::settings::Loaded { settings: Settings::default(), trouble: None });
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn unknown_keys_stay_where_they_are() {
    let (_home, file, loaded) = loaded(
        "version = 1\nfuture = [1, 2]\nwhen = 2026-11-21T16:00:00Z\n[ui]\ntheme = \"dark\"\nfont = { size = 3.5 }\n\
         [profile.work]\njid = \"a@b.example\"\nfuture = \"x\"\n[profile.old]\njid = \"o@b.example\"\n[plugin.x]\ny = 1\n",
    );
    assert_eq!(loaded.trouble, None);
    let mut settings = loaded.settings;
    assert_eq!(settings.ui.theme, Theme::Dark);
    settings.ui.theme = Theme::Light;
    assert!(settings.remove("old").is_some());
    file.save(&settings).unwrap();
    let table: toml::Table = fs::read_to_string(file.path()).unwrap().parse().unwrap();
    assert_eq!(table["future"].as_array().unwrap().len(), 2);
    assert!(table["when"].is_datetime());
    assert_eq!(table["ui"]["font"]["size"].as_float(), Some(3.5));
    assert_eq!(table["ui"]["theme"].as_str(), Some("light"));
    assert_eq!(table["profile"]["work"]["future"].as_str(), Some("x"));
    assert_eq!(table["plugin"]["x"]["y"].as_integer(), Some(1));
    assert!(table["profile"].get("old").is_none());
}

#[test]
fn a_file_that_is_not_settings_is_kept_aside_with_words() {
    for (text, words) in [
        ("theme = ", "line 1"),
        ("[ui]\ntheme = \"dark\"\n]", "line 3"),
        ("[ui]\ntheme = \"sepia\"", "`ui.theme` is \"sepia\""),
        ("ui = 3", "`ui` is not a table"),
        ("version = \"one\"", "`version`"),
        ("[profile.work]\nhost = \"h\"", "`profile.work.jid` is missing"),
        ("[profile.work]\njid = \"a b\"", "`profile.work.jid`"),
        ("[profile.work]\njid = \"a@b.example\"\nport = 65536", "`profile.work.port`"),
        ("[profile.work]\njid = \"a@b.example\"\ntls = \"none\"", "`profile.work.tls`"),
        ("[profile.\"a/b\"]\njid = \"a@b.example\"", "cannot name a profile"),
    ] {
        let (home, file, loaded) = loaded(text);
        let Some(Error::SetAside { aside, cause, .. }) = loaded.trouble else {
            panic!("{text}: {:?}", loaded.trouble);
        };
        assert!(cause.contains(words), "{text}: {cause}");
        assert_eq!(loaded.settings, Settings::default());
        // A second broken file does not take the first one's place.
        fs::write(file.path(), "again = ").unwrap();
        file.save(&Settings::default()).unwrap();
        assert_eq!(fs::read_to_string(aside).unwrap(), text);
        assert_eq!(fs::read_to_string(home.path().join("settings.broken-2.toml")).unwrap(), "again = ");
        assert_eq!(file.load().trouble, None);
    }
}

#[test]
fn a_newer_file_is_read_and_never_written() {
    let text = "version = 2\n[ui]\ntheme = \"dark\"\n[profile.work]\njid = \"a@b.example\"\n";
    let (_home, file, loaded) = loaded(text);
    assert!(matches!(loaded.trouble, Some(Error::Newer { version: 2, .. })));
    assert_eq!(loaded.settings.ui.theme, Theme::Dark);
    assert!(loaded.settings.profile("work").is_some());
    assert!(matches!(file.save(&loaded.settings), Err(Error::Newer { version: 2, .. })));
    assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
    // What it says in words of its own time does not harm.
    let (_home, file, loaded) = self::loaded("version = 3\n[ui]\ntheme = \"sepia\"\n");
    assert!(matches!(loaded.trouble, Some(Error::Newer { version: 3, .. })));
    assert!(file.path().exists());
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_alone_and_what_is_no_file_is_not_read() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let file = file(&home.path().join("new"));
    file.save(&Settings::default()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.path()), 0o600);
    assert_eq!(mode(file.path().parent().unwrap()), 0o700);

    fs::remove_file(file.path()).unwrap();
    let made = std::process::Command::new("mkfifo").arg(file.path()).status().unwrap();
    assert!(made.success());
    assert!(matches!(file.load().trouble, Some(Error::Read { .. })));
    assert!(matches!(file.save(&Settings::default()), Err(Error::Read { .. })));
}

#[test]
fn names_of_profiles() {
    let mut settings = Settings::default();
    let jid: gridwatch::model::BareJid = "a@b.example".parse().unwrap();
    for name in ["work", "CERT 2", "b\u{fc}ro", "a@b.example"] {
        assert!(settings.put(Profile::new(name, jid.clone())), "{name}");
    }
    for name in ["", " a", "a ", "a/b", "a\nb", "a\u{202e}b", &"x".repeat(65)] {
        assert!(!settings.put(Profile::new(name, jid.clone())), "{name}");
    }
    assert_eq!(settings.profiles().len(), 4);
    let changed = Profile { port: Some(1), ..Profile::new("work", jid) };
    assert!(settings.put(changed));
    assert_eq!(settings.profiles().len(), 4);
    let work = settings.profile("work").unwrap();
    assert_eq!((work.host.as_deref(), work.port), (None, Some(1)));
}

/// A small and a large state to go back and forth between.
fn states() -> [Settings; 2] {
    let mut large = Settings::default();
    for number in 0..400 {
        assert!(large.put(Profile::new(format!("p{number}"), "a@b.example".parse().unwrap())));
    }
    [Settings::default(), large]
}

#[test]
fn child_saves_until_killed() {
    let Some(home) = child::argument() else { return };
    let file = file(Path::new(&home));
    let states = states();
    for state in states.iter().cycle() {
        file.save(state).unwrap();
    }
}

#[test]
fn a_kill_while_writing_leaves_a_whole_file() {
    let home = tempfile::tempdir().unwrap();
    let file = file(home.path());
    let states = states();
    for _ in 0..20 {
        let argument = home.path().to_str().unwrap();
        let mut command = child::command("settings::child_saves_until_killed", argument);
        let mut writer = child::Guard::new(command.stdout(std::process::Stdio::null()).spawn().unwrap());
        // Seen both states: the child is in the midst of its writing.
        for state in &states {
            wait::until("a state to be written", || {
                let loaded = file.load();
                assert_eq!(loaded.trouble, None);
                (file.path().exists() && loaded.settings == *state).then_some(())
            });
        }
        assert!(writer.child.try_wait().unwrap().is_none(), "the child ended by itself");
        drop(writer);
        let left = file.load();
        assert_eq!(left.trouble, None);
        assert!(states.contains(&left.settings));
    }
}
