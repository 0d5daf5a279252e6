"""A page as elements and words, read by Python's own parser."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    words: str = ""


@dataclass
class _Reader(HTMLParser):
    elements: list[Element] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    styled: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style" and not self.styled:
            self.elements[-1].words += data
        else:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.styled = self.styled or tag == "style"


class Page:
    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        self.elements = reader.elements
        self.words = " ".join(" ".join(reader.words).split())

    def all(self, tag: str, kind: str | None = None) -> list[Element]:
        return [
            one
            for one in self.elements
            if one.tag == tag and (kind is None or kind in one.attributes.get("class", "").split())
        ]

    def attributes(self) -> Iterator[tuple[str, str, str]]:
        for one in self.elements:
            for name, value in one.attributes.items():
                yield one.tag, name, value
