"""Turns the hub's templates into answers. Knows nothing of what the pages show."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response


def page(template: str, *, status_code: int = 200, **values: object) -> Response[str]:
    """Return a page."""
    html = _environment().get_template(template).render(values)
    return Response(html, media_type="text/html; charset=utf-8", status_code=status_code)


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("witting.hub.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
