"""Links and anchors inside the built site."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html


def broken(site):
    """Find links, pictures and scripts of a built site that lead nowhere inside it.

    Parameters
    ----------
    site : pathlib.Path
        Folder with ``index.html``.

    Returns
    -------
    list of str
        ``page: target``.
    """
    trees = {file: html.parse(str(file)).getroot() for file in site_pages(site)}
    anchors = {file.resolve(): _anchors(tree) for file, tree in trees.items()}
    found = []
    for file, tree in trees.items():
        absolute = file.name == "404.html"
        for _, attribute, address, _ in tree.iterlinks():
            if attribute in ("href", "src") and not absolute and _is_broken(file, address, anchors):
                found.append(f"{file.relative_to(site)}: {address}")
    return sorted(set(found))


def outside(site):
    """Find what pages would request from another host when opened.

    Parameters
    ----------
    site : pathlib.Path

    Returns
    -------
    list of str
        ``page: address``.
    """
    found = []
    for file in site_pages(site):
        for element, _, address, _ in html.parse(str(file)).getroot().iterlinks():
            loads = element.tag in ("script", "img", "iframe", "source", "video") or (
                element.tag == "link"
                and element.get("rel") in ("stylesheet", "preload", "icon", "preconnect")
            )
            if loads and urlsplit(address).netloc:
                found.append(f"{file.relative_to(site)}: {address}")
    return sorted(found)


def site_pages(site):
    """List the pages of a built site; the theme keeps templates, which are none, under ``_static``.

    Parameters
    ----------
    site : pathlib.Path

    Returns
    -------
    list of pathlib.Path
    """
    return [file for file in sorted(site.rglob("*.html")) if "_static" not in file.parts]


def _anchors(tree):
    return set(tree.xpath("//@id")) | set(tree.xpath("//a/@name"))


def _is_broken(file, address, anchors):
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address in ("", "#"):
        return False
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file.resolve()
    target = target / "index.html" if target.is_dir() else target
    if not Path(target).exists():
        return True
    fragment = unquote(parts.fragment)
    return bool(fragment) and target in anchors and fragment not in anchors[target]
