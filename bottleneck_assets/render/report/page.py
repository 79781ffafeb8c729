"""Renders the pages of the reports from the templates beside this module.

Belongs here: the template engine and how figures are written in it. Never here: what a report says.

Every page is one file with nothing to fetch: styles and charts are in it. Whatever comes from a table is escaped.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=jinja2.select_autoescape(["html"], default_for_string=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, **figures: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Return a template filled in. Raises jinja2.UndefinedError if it asks for what is not given."""
    return _environment().get_template(template).render(**figures)
