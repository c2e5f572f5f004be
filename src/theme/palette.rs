//! The colours of the light and the dark theme. Each pair that text is drawn with is held to WCAG 2.2 AA by a test.
//!
//! Red, amber, green and white on black are the Traffic Light Protocol's and nobody else's (`product.md` B7): severity runs
//! from pink over violet to steel, the practice grid is cyan, failures are brick.

use iced::Color;

use crate::model::{Severity, Tlp};

/// One theme's colours.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// The window.
    pub base: Color,
    /// Rail, bars, headers.
    pub panel: Color,
    /// Lists and fields: where content stands.
    pub sunken: Color,
    /// Groups of things on a page.
    pub card: Color,
    /// Buttons, chips.
    pub raised: Color,
    /// A row under the pointer.
    pub hover: Color,
    /// The selected row.
    pub selected: Color,
    /// Hairlines between things; decoration, never the only sign.
    pub line: Color,
    /// Borders of controls: at least 3:1.
    pub edge: Color,

    pub text: Color,
    /// Second-rank text.
    pub soft: Color,
    /// Links, unread, focus.
    pub accent: Color,
    /// The one button that goes on.
    pub accent_fill: Color,
    pub on_fill: Color,
    pub good: Color,
    pub warn: Color,
    pub danger: Color,
    pub danger_fill: Color,
    /// The practice grid's text, ground and hatch.
    pub practice: Color,
    pub practice_ground: Color,
    pub practice_hatch: Color,

    pub high: Color,
    /// What stands on a filled `high`.
    pub on_high: Color,
    pub medium: Color,
    pub low: Color,
    /// What a dialog dims.
    pub veil: Color,
}

impl Palette {
    /// The hue of a severity.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Color {
        match severity {
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Unknown => self.soft,
        }
    }
}

/// The ground of every TLP label, in every theme (FIRST TLP 2.0).
pub const TLP_GROUND: Color = Color::BLACK;
/// The hairline that keeps a black label visible on a dark list.
pub const TLP_EDGE: Color = hex(0x4A_4F57);

/// The hue of a TLP label on [`TLP_GROUND`] (FIRST TLP 2.0). `ByAgreement` is no TLP word: as strict as red until a
/// profile maps it, so it is drawn in a pale red.
#[must_use]
pub const fn tlp(label: Tlp) -> Color {
    match label {
        Tlp::Clear => hex(0xFF_FFFF),
        Tlp::Green => hex(0x33_FF00),
        Tlp::Amber | Tlp::AmberStrict => hex(0xFF_C000),
        Tlp::Red => hex(0xFF_2B2B),
        Tlp::ByAgreement => hex(0xFF_9C9C),
    }
}

const fn hex(rgb: u32) -> Color {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color::from_rgb8(r, g, b)
}

pub static DARK: Palette = Palette {
    base: hex(0x12_161C),
    panel: hex(0x18_1D25),
    sunken: hex(0x0E_1217),
    card: hex(0x18_1D25),
    raised: hex(0x23_2B37),
    hover: hex(0x1A_2029),
    selected: hex(0x17_375E),
    line: hex(0x2A_323E),
    edge: hex(0x66_7488),
    text: hex(0xE8_ECF2),
    soft: hex(0xA9_B5C4),
    accent: hex(0x6C_B2FF),
    accent_fill: hex(0x1D_63C4),
    on_fill: hex(0xFF_FFFF),
    good: hex(0x62_CDB5),
    warn: hex(0xF0_AE7C),
    danger: hex(0xFF_9385),
    danger_fill: hex(0xA9_3226),
    practice: hex(0x5A_D3E6),
    practice_ground: hex(0x0B_3A44),
    practice_hatch: hex(0x1E_8DA1),
    high: hex(0xFF_7AA8),
    on_high: hex(0x1A_030C),
    medium: hex(0xC7_A6FF),
    low: hex(0x93_A9C0),
    veil: Color { r: 0.0, g: 0.0, b: 0.0, a: 0.6 },
};

pub static LIGHT: Palette = Palette {
    base: hex(0xF3_F5F8),
    panel: hex(0xE9_EDF2),
    sunken: hex(0xFF_FFFF),
    card: hex(0xFF_FFFF),
    raised: hex(0xDD_E3EB),
    hover: hex(0xEE_F2F7),
    selected: hex(0xCF_E2FF),
    line: hex(0xCF_D6DF),
    edge: hex(0x74_8091),
    text: hex(0x12_171E),
    soft: hex(0x47_5365),
    accent: hex(0x0A_55C2),
    accent_fill: hex(0x0B_5AD0),
    on_fill: hex(0xFF_FFFF),
    good: hex(0x0A_624F),
    warn: hex(0x84_440A),
    danger: hex(0xA8_201A),
    danger_fill: hex(0xB3_261E),
    practice: hex(0x00_5A6B),
    practice_ground: hex(0xC4_EEF5),
    practice_hatch: hex(0x2A_A6BC),
    high: hex(0xA8_004A),
    on_high: hex(0xFF_FFFF),
    medium: hex(0x61_28AE),
    low: hex(0x3F_5268),
    veil: Color { r: 0.05, g: 0.07, b: 0.1, a: 0.45 },
};

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2 contrast ratio; iced computes the relative luminance as WCAG defines it.
    fn ratio(a: Color, b: Color) -> f32 {
        let (a, b) = (a.relative_luminance(), b.relative_luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn the_ratio_is_the_standard_s() {
        assert!((ratio(Color::BLACK, Color::WHITE) - 21.0).abs() < 0.01);
        // #767676 on white is the well-known edge of AA.
        let grey = ratio(hex(0x76_7676), Color::WHITE);
        assert!((grey - 4.54).abs() < 0.01, "{grey}");
    }

    #[test]
    fn text_is_readable_wherever_it_stands() {
        for (name, p) in [("dark", &DARK), ("light", &LIGHT)] {
            let inks = [
                ("text", p.text),
                ("soft", p.soft),
                ("accent", p.accent),
                ("good", p.good),
                ("warn", p.warn),
                ("danger", p.danger),
                ("practice", p.practice),
                ("high", p.high),
                ("medium", p.medium),
                ("low", p.low),
            ];
            let grounds = [
                ("base", p.base),
                ("panel", p.panel),
                ("sunken", p.sunken),
                ("card", p.card),
                ("raised", p.raised),
                ("hover", p.hover),
                ("selected", p.selected),
                ("practice_ground", p.practice_ground),
            ];
            for (ink, color) in inks {
                for (ground, under) in grounds {
                    assert!(ratio(color, under) >= 4.5, "{name}: {ink} on {ground} is {}", ratio(color, under));
                }
            }
            for (ink, color, ground) in [
                ("accent", p.on_fill, p.accent_fill),
                ("danger", p.on_fill, p.danger_fill),
                ("high", p.on_high, p.high),
            ] {
                assert!(ratio(color, ground) >= 4.5, "{name}: text on filled {ink} is {}", ratio(color, ground));
            }
        }
    }

    #[test]
    fn rings_and_borders_of_controls_stand_out() {
        for p in [&DARK, &LIGHT] {
            for ground in [p.base, p.panel, p.sunken, p.selected] {
                assert!(ratio(p.accent, ground) >= 3.0);
            }
            for ground in [p.base, p.panel, p.sunken] {
                assert!(ratio(p.edge, ground) >= 3.0, "{}", ratio(p.edge, ground));
            }
        }
    }

    #[test]
    fn tlp_labels_are_first_s_and_readable() {
        for label in [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red, Tlp::ByAgreement] {
            assert!(ratio(tlp(label), TLP_GROUND) >= 4.5, "{label:?}");
        }
        assert_eq!(tlp(Tlp::Red), Color::from_rgb8(0xFF, 0x2B, 0x2B));
    }
}
