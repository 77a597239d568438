"""Preview cards, which other sites show where somebody shares a page: picture, title, first words.

The words come from sphinxext-opengraph; the picture is drawn here, with the page's title and the
first of its figures that is made of pixels. The addresses are those of the published site.
"""

import textwrap
from pathlib import Path

import matplotlib
from docutils import nodes
from PIL import Image, ImageDraw, ImageFont, ImageOps

SIZE = (1200, 630)
GROUND, INK, ACCENT = "#0b3954", "#ffffff", "#7fd1ae"  # as in the logo
FIGURE = (600, 190, 1160, 560)  # left, top, right, bottom
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FOLDER = "_static/cards"
ICON = "_static/icon-180.png"


def draw(title, book, figure):
    """Draw a card.

    Parameters
    ----------
    title : str
        The page's.
    book : str
        The book's title.
    figure : pathlib.Path
        A picture made of pixels.

    Returns
    -------
    PIL.Image.Image
        1200 by 630 pixels.
    """
    card = Image.new("RGB", SIZE, GROUND)
    pen = ImageDraw.Draw(card)
    pen.rectangle((0, 0, 18, SIZE[1]), fill=ACCENT)
    pen.text((70, 64), book, font=_font("DejaVuSans.ttf", 36), fill=ACCENT)
    with Image.open(figure) as picture:
        shown = picture.convert("RGBA")
    left, top, right, bottom = FIGURE
    shown = ImageOps.contain(shown, (right - left, bottom - top)) if shown.width > left else shown
    place = (right - shown.width, top + (bottom - top - shown.height) // 2)
    card.paste(shown, place, shown)
    lines = "\n".join(textwrap.wrap(title, 13 if shown.width > left / 2 else 22)[:5])
    pen.text((70, 180), lines, font=_font("DejaVuSans-Bold.ttf", 60), fill=INK, spacing=18)
    return card


def _font(name, points):
    return ImageFont.truetype(str(FONTS / name), points)


def first_figure(app, doctree):
    """Find the first picture of a page that is made of pixels, or else the book's icon.

    Parameters
    ----------
    app : sphinx.application.Sphinx
    doctree : docutils.nodes.document
        After it was written, which replaced the places of pictures by their names in the site.

    Returns
    -------
    pathlib.Path
    """
    places = {name: place for place, name in app.builder.images.items()}
    names = (Path(image["uri"]).name for image in doctree.findall(nodes.image))
    found = (places[name] for name in names if name in places and name.endswith(".png"))
    return Path(app.srcdir) / next(found, ICON)


def add_card(app, pagename, templatename, context, doctree):
    """Draw the page's card and tell sphinxext-opengraph where it is."""
    if doctree is None or app.builder.format != "html":
        return
    file = f"{FOLDER}/{pagename.replace('/', '-')}.png"
    target = Path(app.outdir) / file
    target.parent.mkdir(parents=True, exist_ok=True)
    title = app.env.titles[pagename].astext()
    card = draw(title, app.config.html_title, first_figure(app, doctree))
    card.save(target, optimize=True)
    context["meta"] = dict(context["meta"] or {}) | {
        "og:image": app.config.html_baseurl + file,
        "og:image:alt": f"{title}, a page of {app.config.html_title}",
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
    }


def follow_address(app):
    """Give sphinxext-opengraph the address under which the site is published."""
    app.config.html_baseurl = app.config.html_baseurl.rstrip("/") + "/"
    app.config.ogp_site_url = app.config.html_baseurl
    app.config.ogp_site_name = app.config.html_title
    app.config.ogp_custom_meta_tags = ['<meta name="twitter:card" content="summary_large_image">']


def setup(app):
    """Connect to Sphinx's events, before sphinxext-opengraph writes its tags."""
    app.setup_extension("sphinxext.opengraph")
    app.connect("builder-inited", follow_address, priority=900)
    app.connect("html-page-context", add_card, priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
