"""What would a strict reader make of a page?

A document read by the library's parser, in which every element is closed in its turn:
what breaks out of its place shows as an element, an attribute or a tag left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr", "source"}
SVG = {"path", "circle", "rect"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, name: str) -> list[Element]:
        return [element for element in self.walk() if element.name == name]

    def one(self, name: str) -> Element:
        [found] = self.all(name)
        return found

    def by_id(self, id: str) -> Element:
        [found] = [one for one in self.walk() if one.attributes.get("id") == id]
        return found

    @property
    def text(self) -> str:
        """What is read, with single spaces; neither style nor script."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        apart = self.name not in {"a", "b", "bdi", "span", "time"}
        if self.name in {"style", "script"}:
            return
        for child in self.children:
            yield child if isinstance(child, str) else "".join(child._texts())
        yield " " if apart else ""


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {self.get_starttag_text()}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID | SVG:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SVG, f"<{tag}/> closes nothing in HTML"
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> where {self.open[-1].name} is open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def read(body: bytes) -> Element:
    """The document, or AssertionError where it is not well-formed."""
    strict = _Strict()
    strict.feed(body.decode())
    strict.close()
    assert [element.name for element in strict.open] == ["document"], strict.open
    return strict.root
