"""Cuts the console's symbols out of DejaVu Sans and renames the result, as DejaVu's licence asks."""

import sys

from fontTools import subset
from fontTools.ttLib import TTFont

SYMBOLS = "▲◆▽○●◐◎◇■□▶▸▾▴◂▼✓✗✕⚠★☆→←↑↓↵≡↻⟳☰⚑✎✉⋯∅⊘✦▌▏│×−⇪⇩⏎⚙⚲⊞⊕⚡↧↥⇄❐?⇱⇲ "

font = TTFont(sys.argv[1])
known = font.getBestCmap()
missing = [c for c in SYMBOLS if ord(c) not in known]
if missing:
    sys.exit(f"not in the font: {missing}")
options = subset.Options(layout_features=[], hinting=False, glyph_names=False, notdef_outline=True)
options.drop_tables += ["FFTM"]
cutter = subset.Subsetter(options)
cutter.populate(unicodes=[ord(c) for c in SYMBOLS])
cutter.subset(font)
names = font["name"]
copyright_line = names.getDebugName(0) + " Subset of DejaVu Sans, renamed as its licence asks."
names.names = []
for place in ((3, 1, 0x409), (1, 0, 0)):
    for number, text in (
        (0, copyright_line),
        (1, "Gridwatch Symbols"),
        (2, "Regular"),
        (3, "Gridwatch Symbols 1.0"),
        (4, "Gridwatch Symbols"),
        (5, "Version 1.0 (from DejaVu 2.37)"),
        (6, "GridwatchSymbols"),
    ):
        names.setName(text, number, *place)
font.save("GridwatchSymbols.ttf")
