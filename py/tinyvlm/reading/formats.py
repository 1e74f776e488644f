"""A reading as hOCR 1.2 (http://kba.github.io/hocr-spec/1.2/), which tools for scanned text take: XHTML with boxes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from ..version import __version__
from .geometry import Point, bounds
from .reading import Line, Reading, Word

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="UTF-8"/>
<title>{title}</title>
<meta name="ocr-system" content="tinyvlm {version}"/>
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_line ocrx_word"/>
</head>
<body>
"""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def hocr(reading: Reading, image: str = "") -> str:
    """Return a reading as an hOCR page; `image` is the picture's name, its title and where viewers look for it.

    Boxes are whole pixels `left top right bottom`, outwards; `x_wconf` is a confidence from 0 to 100, `textangle` the
    direction of a line in degrees counterclockwise. Blocks are `ocr_carea`, lines `ocr_line`, words `ocrx_word`.
    """
    page = f"bbox 0 0 {reading.width} {reading.height}"
    if image:
        # The format has no escape for a quotation mark inside its strings.
        page = f'image "{image.replace(chr(34), "")}"; {page}'
    body = "".join(_blocks(reading))
    head = _HEAD.format(title=_text(image or "Text of a picture"), version=__version__)
    return f'{head}<div class="ocr_page" id="page_1" title={_attribute(page)}>\n{body}</div>\n</body>\n</html>\n'


def _blocks(reading: Reading) -> Iterator[str]:
    line_number = word_number = 0
    for number, block in enumerate(reading.blocks(), 1):
        lines = [line for row in block for line in row]
        box = _bbox([corner for line in lines for corner in line.corners], reading)
        yield f'<div class="ocr_carea" id="block_1_{number}" title="{box}">\n'
        for line in lines:
            line_number += 1
            title = f"{_bbox(line.corners, reading)}; textangle {_angle(line)}; {_confidence(line)}"
            yield f'<span class="ocr_line" id="line_1_{line_number}" title="{title}">'
            words = []
            for word in line.words or (Word(line.text, line.corners, line.confidence),):
                word_number += 1
                title = f"{_bbox(word.corners, reading)}; {_confidence(word)}"
                words.append(
                    f'<span class="ocrx_word" id="word_1_{word_number}" title="{title}">{_text(word.text)}</span>'
                )
            yield " ".join(words) + "</span>\n"
        yield "</div>\n"


def _bbox(corners: Sequence[Point], reading: Reading) -> str:
    left, top, right, bottom = bounds(corners)
    left, top = max(math.floor(left), 0), max(math.floor(top), 0)
    return f"bbox {left} {top} {min(math.ceil(right), reading.width)} {min(math.ceil(bottom), reading.height)}"


def _angle(line: Line) -> str:
    (x0, y0), (x1, y1), _, _ = line.corners
    return f"{round(math.degrees(math.atan2(y0 - y1, x1 - x0)), 2) + 0.0:.2f}"


def _confidence(part: Line | Word) -> str:
    return f"x_wconf {round(100 * part.confidence)}"


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))
