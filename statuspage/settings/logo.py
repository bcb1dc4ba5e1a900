"""Is this file a logo that can stand on a page?

PNG or SVG, small, and an SVG that is nothing but a picture: no script, nothing fetched from
elsewhere. It is shown as an image, which runs nothing anyway; but whoever opens its address
by itself opens a document of ours.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from statuspage.settings.mistakes import Wrong

LARGEST = 64 * 1024
_ALLOWED = "an SVG or PNG of at most 64 kB"
_PICTURE = "an SVG without scripts, links to elsewhere and other documents inside"
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
_NO_PICTURES = {"script", "foreignobject", "iframe", "embed", "object", "audio", "video"}
_ELSEWHERE = re.compile(r"@import|url\(\s*['\"]?\s*(?!#|data:image/|['\"\s])", re.IGNORECASE)
_NUMBER = re.compile(r"\s*([0-9]*\.?[0-9]+)(px)?\s*")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture; ``ratio`` is its width by its height."""

    media_type: str
    digest: str
    """Of its bytes: another logo has another address."""
    ratio: float
    body: bytes = field(repr=False)


def logo(path: Path) -> Logo:
    """What lies there. Raises ``Wrong``."""
    body = _read(path)
    media_type, size = _png(body) if body.startswith(_PNG) else _svg(body)
    if min(size) <= 0:
        raise Wrong("{value} does not say how large it is", "a width and a height, or a viewBox")
    digest = hashlib.sha256(body).hexdigest()[:12]
    return Logo(media_type, digest, round(size[0] / size[1], 3), body)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise Wrong(f"{{value}} can't be read: {error.strerror}", _ALLOWED) from None
    if len(body) > LARGEST:
        raise Wrong("{value} is too large", _ALLOWED)
    return body


def _png(body: bytes) -> tuple[str, tuple[float, float]]:
    """The first chunk of a PNG says its size (PNG 3, 11.2.1)."""
    if body[12:16] != b"IHDR" or len(body) < 24:
        raise Wrong("{value} is no whole PNG", _ALLOWED)
    return "image/png", struct.unpack(">II", body[16:24])


def _svg(body: bytes) -> tuple[str, tuple[float, float]]:
    try:
        text = body.decode("utf-8-sig")
        # an entity can hide anything, and be of any size when it is read
        root = None if "<!ENTITY" in text.upper() else fromstring(text)  # noqa: S314
    except (UnicodeDecodeError, ParseError):
        root = None
    if root is None or root.tag != f"{_SVG}svg":
        raise Wrong("{value} is neither PNG nor SVG that can be read", _ALLOWED)
    for element in root.iter():
        if fault := _fault(element):
            raise Wrong(f"{{value}} {fault}", _PICTURE)
    return "image/svg+xml", _size(root)


def _fault(element: Element) -> str | None:
    """Why an element is no part of a picture."""
    if not isinstance(element.tag, str):  # a comment
        return None
    name = element.tag.rpartition("}")[2].lower()
    if name in _NO_PICTURES:
        return f"has a <{name}>"
    if _ELSEWHERE.search("".join((element.text or "", *element.attrib.values()))):
        return f"asks for something elsewhere in <{name}>"
    for attribute, value in element.attrib.items():
        known = attribute.rpartition("}")[2].lower()
        if known.startswith("on"):
            return f"has a script in {known}"
        if known in {"href", "src"} and not value.strip().lower().startswith(("#", "data:image/")):
            return f"has a link to elsewhere in <{name}>"
    return None


def _size(root: Element) -> tuple[float, float]:
    box = (root.get("viewBox") or "").replace(",", " ").split()
    sides = box[2:4] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    found = [_NUMBER.fullmatch(side) for side in sides]
    width, height = (float(one[1]) if one else 0.0 for one in found)
    return width, height
