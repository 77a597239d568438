"""Cells in the paper edition: data frames become tables, what only works on the web is left out."""

from card_picture import CardPicture
from docutils import nodes
from lxml import html
from paper_solutions import page_of
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

SIZES = ((70, r"\small"), (85, r"\footnotesize"))  # up to how many characters fit in a row
TINY = r"\scriptsize"
ABSENT = {"web-only", "tag_install"}
ON_THE_WEB = "This is interactive on the web: "


class SetOutputs(SphinxPostTransform):
    """Replaces HTML results before MyST-NB picks what LaTeX can print."""

    formats = ("latex",)
    default_priority = 3

    def run(self, **kwargs):
        """Replace every bundle that holds a table or source code."""
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            found = [child for child in bundle if child["mime_type"] == "text/html"]
            tree = html.fromstring(found[0].astext()) if found else None
            if tree is not None and tree.find(".//table") is not None:
                bundle.replace_self(table(tree.find(".//table")))
            elif tree is not None and tree.xpath("//*[@class='highlight']"):
                bundle.replace_self(source(tree))


def source(tree):
    """Make a block of code of what was highlighted for the web."""
    (code,) = tree.xpath("//*[@class='highlight']")
    text = code.text_content().rstrip()
    return nodes.literal_block(text, text, language="python")


def table(element):
    """Make a table of an HTML table.

    Parameters
    ----------
    element : lxml.html.HtmlElement
        As pandas writes it: a head of one or several rows, a body with or without an index.

    Returns
    -------
    list of docutils.nodes.Node
        Column specification and table; texts to the left, numbers to the right.
    """
    head, body = grid(element.xpath("./thead/tr")), grid(element.xpath("./tbody/tr"))
    if len(head) == 2 and not any(top and low for top, low in zip(*head, strict=True)):
        head = [[top or low for top, low in zip(*head, strict=True)]]  # pandas' row of index names
    columns = list(zip(*body, strict=True))
    spec = "".join("r" if all(map(is_number, column)) else "l" for column in columns)
    group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in columns], cols=len(columns))
    group += nodes.thead("", *map(row, head))
    group += nodes.tbody("", *map(row, body))
    wide = sum(3 + max(map(len, column)) for column in columns)
    size = next((size for most, size in SIZES if wide <= most), TINY)
    begin, end = (nodes.raw("", text, format="latex") for text in (f"{{{size}", "}"))
    columns = addnodes.tabular_col_spec(spec=spec)
    return [begin, columns, nodes.table("", group, classes=["dataframe"]), end]


def grid(rows):
    """Read rows of cells; a cell that spans several rows stands in the first of them only."""
    found, open_spans = [], {}
    for element in rows:
        texts, cells = [], iter(element.xpath("./th|./td"))
        while True:
            if open_spans.get(len(texts), 0):
                open_spans[len(texts)] -= 1
                texts.append("")
                continue
            cell = next(cells, None)
            if cell is None:
                break
            open_spans[len(texts)] = int(cell.get("rowspan", 1)) - 1
            span = int(cell.get("colspan", 1)) - 1
            texts += [cell.text_content().strip(), *[""] * span]
        found.append(texts)
    return found


def row(texts):
    """Make a table row."""
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", text)) for text in texts])


def is_number(text):
    """Tell whether a cell holds a number or nothing."""
    try:
        float(text.replace("%", "").replace(",", "") or 0)
    except ValueError:
        return False
    return True


def drop_web_only(app, doctree):
    """Take out what only works on the web, and say where to find it.

    The class ``web-only`` is left out, as is the cell that installs the package; of a
    ``web-widget`` (a class, or a cell's tag) the still is printed, with the live one's address.
    """
    for node in list(doctree.findall(nodes.Element)):
        classes = node.get("classes", [])
        if ABSENT & set(classes) or isinstance(node, CardPicture):
            node.parent.remove(node)
        elif {"web-widget", "tag_web-widget"} & set(classes):
            page = page_of(node)
            address = f"{app.config.html_baseurl}{page}.html"
            link = nodes.reference("", address, refuri=address)
            node += nodes.paragraph("", "", nodes.emphasis("", ON_THE_WEB), link)


def setup(app):
    """Register the transform with Sphinx."""
    app.add_post_transform(SetOutputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
