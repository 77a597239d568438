"""The role ``{setting}`90 %```: a number in the prose that the author chose, not a result.

It renders as plain text. `bookbuild.prose` forbids typed results, and lets these numbers pass.
"""

from docutils import nodes


def setting_role(name, rawtext, text, lineno, inliner, options=None, content=()):
    """Return the role's text as it stands."""
    return [nodes.inline(rawtext, text, classes=["setting"])], []


def setup(app):
    """Register the role with Sphinx."""
    app.add_role("setting", setting_role)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
