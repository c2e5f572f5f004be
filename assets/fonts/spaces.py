"""Makes the console's faces of IBM Plex: the same glyphs under another name, as Plex's licence asks (its name is
reserved), but for the spaces, which get an outline without area.

iced draws in software from a cache of glyphs that keeps no glyph without pixels: each space of each text was looked for
in the font again in every frame, and the font's hinting programs run for it, which took a third of the frame. With two
points there and back a space is a picture of one or two clear pixels, kept like any other.

`pip install fonttools && python3 spaces.py FOLDER-OF-THE-UNPACKED-PACKAGES`
"""

import pathlib
import re
import sys

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FACES = {
    "IBMPlexSans_400Regular.ttf": "GridwatchSans-Regular.ttf",
    "IBMPlexSans_600SemiBold.ttf": "GridwatchSans-SemiBold.ttf",
    "IBMPlexMono_400Regular.ttf": "GridwatchMono-Regular.ttf",
}
# Copyright, licence and where that is found stay, with a word about the change; the trademark is not ours to show.
KEPT, DROPPED = (0, 13, 14), (7, 8, 9, 10, 11, 12)


def clear(font):
    """Gives each space its outline."""
    glyphs, widths = font["glyf"], font["hmtx"]
    spaces = {name for name in font.getBestCmap().values() if not glyphs[name].numberOfContours and widths[name][0]}
    for name in sorted(spaces):
        pen = TTGlyphPen(None)
        pen.moveTo((20, 0))
        pen.lineTo((60, 40))
        pen.closePath()
        glyphs[name] = pen.glyph()
        widths[name] = (widths[name][0], 20)
    return spaces


def rename(font):
    names = font["name"]
    names.names = [name for name in names.names if name.nameID not in DROPPED]
    for name in names.names:
        if name.nameID in KEPT:
            continue
        text = re.sub("IBM ?;", "", re.sub("IBM ?Plex", "Gridwatch", name.toUnicode()))
        name.string = text
        assert "Plex" not in text and "IBM" not in text, (name.nameID, text)
    line = names.getDebugName(0) + " Changed: spaces with an outline without area, renamed as the licence asks."
    for name in [name for name in names.names if name.nameID == 0]:
        name.string = line
    font["OS/2"].achVendID = "GRDW"


for source, made in FACES.items():
    font = TTFont(next(pathlib.Path(sys.argv[1]).rglob(source)), recalcTimestamp=False)
    found = clear(font)
    rename(font)
    font.save(made)
    print(made, sorted(found))
