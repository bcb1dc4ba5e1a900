"""What does somebody read who opens a page or an HTML letter?"""

from html.parser import HTMLParser


def read(html: str) -> str:
    """The words of a document, with single spaces; neither style nor script."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.words).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in {"style", "script"}
        self._apart(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "script"}
        self._apart(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    def _apart(self, tag: str) -> None:
        if tag not in {"a", "b", "bdi", "span", "time"}:
            self.words.append(" ")
