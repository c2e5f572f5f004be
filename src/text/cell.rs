//! Cells of tables that spreadsheets open (`security.md` §7).

/// A cell that no spreadsheet runs: what begins a formula, also in full width, is made text by a quote before it.
#[must_use]
pub fn harmless(cell: &str) -> String {
    let runs = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '|', '%'];
    // A table of commas is opened where semicolons or tabs part the cells: what stands after one begins a cell there.
    let mut parted = cell.split([',', ';', '\t', '|', '"', '\'']).skip(1);
    let is_run = cell.starts_with(runs) || parted.any(|part| part.trim_start().starts_with(runs));
    if is_run { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn formulas_are_text() {
        for cell in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\u{ff1d}1", "|calc", ";=1", "a;=1+1", "\"=1", "a,@x"]
        {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        assert_eq!(harmless("a=1"), "a=1");
    }
}
