"""Notices and papers as whole documents: one HTML file that needs nothing else, and an accessible PDF (PDF/UA) made from it.

Knows nothing of what they say. Invariant: making a PDF reads no file and no address that the document names, and the same document gives
the same bytes.
"""

from html import escape
from typing import Any

from witting.terms.errors import UsageError

_STYLE = """
@page { size: A4; margin: 2.2cm 2cm; @bottom-left { content: FOOT; font: 8pt "DejaVu Sans", sans-serif; color: #555; }
        @bottom-right { content: counter(page) " / " counter(pages); font: 8pt "DejaVu Sans", sans-serif; color: #555; } }
body { font: 10.5pt/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1f2328; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
@media print { body { max-width: none; margin: 0; padding: 0; } }
h1 { font-size: 1.6em; line-height: 1.25; } h2 { font-size: 1.25em; margin-top: 1.8em; } h3 { font-size: 1.05em; margin-top: 1.4em; }
h1, h2, h3 { break-after: avoid; } tr, li { break-inside: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 0.9em; } thead { display: table-header-group; }
th, td { text-align: left; vertical-align: top; padding: 0.3em 0.6em 0.3em 0; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
blockquote { margin: 0.6em 0; padding: 0.1em 1em; border-left: 3px solid #1f5f5b; }
code { overflow-wrap: anywhere; }
"""


def document(body: str, *, title: str, language: str, foot: str) -> str:
    """Return a whole HTML document around a piece of HTML; `foot` stands at the end, and in print on every page."""
    style = _STYLE.replace("FOOT", f'"{_in_css(foot)}"')
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n"
        f"<footer><p><small>{escape(foot)}</small></p></footer>\n</body>\n</html>\n"
    )


def make_pdf(html: str) -> bytes:
    """Return a whole HTML document as PDF/UA-1.

    Raises:
        UsageError: weasyprint or what it draws with isn't installed, or the document names something to fetch.
    """
    try:
        weasyprint = _load()
    except (ImportError, OSError):
        hint = "`pip install 'witting[hub]'`, and on Debian libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0; HTML needs neither"
        raise UsageError("no PDF can be written here: weasyprint or the Pango libraries are missing", hint=hint) from None
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=("none",), fail_on_errors=True)
    try:
        pdf: bytes = weasyprint.HTML(string=html, url_fetcher=nothing).write_pdf(pdf_variant="pdf/ua-1")
    except weasyprint.urls.FatalURLFetchingError:
        raise UsageError("the document names something to fetch; no PDF was written", hint="take pictures and links to files out") from None
    return pdf


def _load() -> Any:
    """Return weasyprint; its import has Pillow take pictures that are cut off, for the whole process, which is undone."""
    import weasyprint

    weasyprint.images.ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


def _in_css(text: str) -> str:
    """Return a text as a CSS string holds it."""
    return "".join(char if char.isalnum() or char in " .,-" else f"\\{ord(char):x} " for char in text)
