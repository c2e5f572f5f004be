//! Figures of a run, beside their anchors of the same run: a line each, and all of them in `target/bench/NAME.json`.

/// Figures so far.
pub struct Report {
    name: &'static str,
    figures: Vec<serde_json::Value>,
}

impl Report {
    pub fn new(name: &'static str) -> Self {
        Self { name, figures: Vec::new() }
    }

    /// Tells a figure, and what it is of its anchor.
    pub fn line(&mut self, name: &str, value: f64, unit: &str, anchor: f64, what: &str) {
        let ratio = value / anchor;
        println!("{name:<72} {value:>12.2} {unit:<12} {ratio:>9.4} x {anchor:.2} ({what})");
        self.figures.push(serde_json::json!({
            "name": name, "value": value, "unit": unit, "anchor": anchor, "anchor_is": what, "ratio": ratio
        }));
    }

    /// Writes them down. `of` is how much was measured.
    pub fn write(self, of: usize) {
        let json = serde_json::json!({ "bench": self.name, "rows": of, "figures": self.figures });
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{}.json", self.name)), format!("{json:#}\n")).unwrap();
    }
}
