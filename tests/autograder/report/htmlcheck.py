"""A strict reader of our HTML: balanced tags, no scripts, no handlers, no reference to anything outside the page."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}
SELF_CLOSED_SVG = {"path", "rect"}
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "nav", "section", "div", "span", "p", "h1", "h2", "h3"),
    *(
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "pre",
        "code",
        "a",
        "em",
        "strong",
        "small",
        "br",
        "wbr",
    ),
    *("svg", "path", "rect", "text"),
}


class Page(HTMLParser):
    """Parses a page; ``problems`` is empty when it is balanced and harmless, ``text`` is what a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.problems: list[str] = []
        self.text = ""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check a tag and its attributes."""
        self._look(tag, attrs)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check a tag that closes itself; only shapes of an SVG may."""
        self._look(tag, attrs)
        if tag not in SELF_CLOSED_SVG:
            self.problems.append(f"<{tag}/> closes itself")

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost open tag is closed."""
        if not self.stack or self.stack.pop() != tag:
            self.problems.append(f"</{tag}> closes another tag")

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        if "style" not in self.stack:
            self.text += data
        elif "url(" in data or "@import" in data:
            self.problems.append("the style sheet refers to something")

    def handle_comment(self, data: str) -> None:
        """Refuse comments: we write none."""
        self.problems.append(f"comment {data!r}")

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if tag not in ALLOWED:
            self.problems.append(f"<{tag}>")
        for name, value in values.items():
            if name == "aria-label":
                continue
            outside = "//" in value and not (name == "xmlns" and value == "http://www.w3.org/2000/svg")
            if name.startswith("on") or name == "src" or outside or "javascript:" in value or "url(" in value:
                self.problems.append(f"<{tag} {name}={value!r}>")
