//! Saving a text under a name of the person's choice. May use `model`.

use std::path::PathBuf;

use iced::Task;

use super::{App, Message};
use crate::model::Say;
use crate::screen::{Toast, Tone};
use crate::settings;
use crate::text;

impl App {
    /// Asks where to save a text and writes it there, away from the window's thread.
    pub(super) fn save_text(&self, name: String, words: String) -> Task<Message> {
        self.save_made(name, std::future::ready(Ok(words)))
    }

    /// The same with a text that takes a while to make.
    pub(super) fn save_made(
        &self,
        name: String,
        words: impl Future<Output = Result<String, Say>> + Send + 'static,
    ) -> Task<Message> {
        let chosen = (self.env.save_as)(self.shared.catalog.text("app-save-as"), name);
        let saving = async move {
            let words = words.await?;
            let Some(path) = chosen.await else { return Ok(None) };
            let written = tokio::task::spawn_blocking(move || write(path, &words)).await;
            written.unwrap_or_else(|broken| Err(unsaved(&broken)))
        };
        Task::perform(saving, Message::Saved)
    }

    pub(super) fn file_saved(&mut self, result: Result<Option<String>, Say>) -> Task<Message> {
        match result {
            Ok(Some(path)) => {
                let say = Say::new("app-saved").with("path", text::line(&path));
                self.toast(Toast { tone: Tone::Good, say })
            }
            // A desktop without a file dialog answers like a person who cancels.
            Ok(None) => self.toast(Toast { tone: Tone::Plain, say: Say::new("app-not-saved") }),
            Err(say) => self.bad(say),
        }
    }
}

fn write(path: PathBuf, words: &str) -> Result<Option<String>, Say> {
    settings::atomically(&path, words.as_bytes()).map_err(|error| unsaved(&error))?;
    Ok(Some(path.display().to_string()))
}

fn unsaved(error: &dyn std::error::Error) -> Say {
    Say::new("app-save-failed").with("cause", text::line(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.csv");
        for words in ["first, and longer", "second"] {
            assert_eq!(write(path.clone(), words), Ok(Some(path.display().to_string())));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), words);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(write(folder.path().to_path_buf(), "x").is_err());
    }
}
