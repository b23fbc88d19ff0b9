"""Sphinx: the pages are MyST Markdown, the reference comes from the code."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from sanic_jwt_oo import __version__

project = "sanic_jwt_oo"
author = "sanic_jwt_oo contributors"
copyright = author
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "from_declarations",
]
exclude_patterns = ["_build", "migration-differences.md"]
suppress_warnings = ["myst.xref_missing_external"]

html_theme = "furo"
html_title = f"{project} {release}"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
default_role = "literal"
napoleon_numpy_docstring = False

# A setting that is misspelt in these pages is an error; types in signatures
# come from too many places to be held to that.
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]
