"""A notebook as a page, by nbconvert: self-contained, and safe to open.

Students write the notebook, and nbconvert hands on what they write: markup in their text and their
outputs. Here whatever is live is taken out, the templates' own scripts with it, and the page's
Content-Security-Policy lets nothing run, load or be sent.
"""

from __future__ import annotations

import html
from functools import cache
from typing import Any

from jinja2 import pass_context
from nbformat import NotebookNode, v4

_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
           "form-action 'none'")
_LIVE = "script, link, meta[http-equiv], base, iframe, object, embed, img:not([src])"
_SEEN = ["a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1",
         "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "span", "strong",
         "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"]


def as_html(notebook: NotebookNode) -> str:
    """The notebook as a page."""
    shown = v4.new_notebook(cells=notebook.cells)  # its metadata says nothing that is needed
    page, _ = exporter()().from_notebook_node(shown)
    return str(page)


@cache
def exporter() -> Any:
    """nbconvert's exporter of pages, with nothing live in what it makes, whatever its template and
    its configuration. A class, for nbgrader makes its own of it."""
    from bs4 import BeautifulSoup
    from nbconvert import HTMLExporter
    from traitlets import default

    class InertHTMLExporter(HTMLExporter):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.sanitize_html = True
            # nbconvert's own takes headings for an attack.
            self.register_filter("clean_html", _clean)

        @default("extra_template_basedirs")
        def _nowhere(self) -> list[str]:
            """Templates are programs, and nbconvert would look in the working directory first."""
            return []

        @pass_context
        def markdown2html(self, context: Any, source: str) -> str:
            """Also for templates that do not clean it."""
            try:
                return _clean(super().markdown2html(context, source))
            except Exception:  # a stranger's text: nbconvert raises whatever it leads to
                return f"<pre>{html.escape(source)}</pre>"

        def from_notebook_node(  # type: ignore[override]  # as nbconvert's own does
            self, nb: NotebookNode, resources: Any = None, **options: Any
        ) -> tuple[str, Any]:
            text, resources = super().from_notebook_node(nb, resources, **options)
            page = BeautifulSoup(text, "html.parser")
            for element in page.select(_LIVE):
                element.decompose()
            assert page.head is not None, "every template of a page has one"
            policy = {"http-equiv": "Content-Security-Policy", "content": _POLICY}
            page.head.insert(0, page.new_tag("meta", attrs=policy))
            return str(page), resources

    return InertHTMLExporter


def _clean(text: str | bytes) -> str:
    """What is left of a stranger's HTML: what can be looked at."""
    import bleach  # type: ignore[import-untyped]  # what nbconvert cleans with

    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return str(bleach.clean(text, _SEEN, _is_seen, [*bleach.ALLOWED_PROTOCOLS, "data"]))


def _is_seen(element: str, name: str, value: str) -> bool:
    """Whether an attribute stays: of an image, what it holds itself, and of a link, what is not."""
    if name == "src":
        return element == "img" and value.startswith("data:image/")
    if name == "href":
        return element == "a" and not value.strip().lower().startswith("data:")
    return name in ("class", "id", "title", "alt")
