"""How heavy the built pages are in a real browser, how soon they show, and what moves in them.

The site is served with gzip, as GitHub Pages serves it; each page is opened with an empty cache at
two widths, then scrolled to its end. The table goes to ``book/_build/weights.json``.
"""

import functools
import gzip
import http.server
import json
import threading

import pytest

from bookbuild import links, paths

LARGEST_KB = 700  # transferred for the first view, fonts and mathematics included
LATEST_PAINT_MS = 1000
LARGEST_SHIFT = 0.05
WIDTHS = {1280: 800, 375: 812}
FEWEST_PAGES = 10
ATTEMPTS = 3  # at the paint time, which other programs on the machine delay
COMPRESSED = (".html", ".css", ".js", ".svg", ".json", ".txt", ".xml", ".inv")
OBSERVE = """
window.paint = 0; window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.paint = entry.startTime;
}).observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput)
    window.shifts.push({value: entry.value, time: entry.startTime, nodes: entry.sources.map(
      source => (source.node && (source.node.className || source.node.nodeName)) + '')});
}).observe({type: 'layout-shift', buffered: true});
"""
SCROLL = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {
    window.scrollTo(0, y);
    await new Promise(done => setTimeout(done, 30));
  }
}"""


class CompressingHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files as GitHub Pages does: text compressed with gzip."""

    def do_GET(self):
        place = self.translate_path(self.path)
        if not place.endswith(COMPRESSED):
            return super().do_GET()
        try:
            content = _compressed(place)
        except OSError:
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(place))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words):
        """Keep quiet."""


@functools.cache
def _compressed(place):
    with open(place, "rb") as file:
        return gzip.compress(file.read(), 6)


@pytest.fixture(scope="module")
def address(site):
    handler = functools.partial(CompressingHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def measure(browser, address, width):
    """Open a page with an empty cache, read it to the end, and tell what it cost."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    sizes = []
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    page.wait_for_function("window.paint > 0")
    page.wait_for_timeout(300)
    first_view = sum(sizes)
    paint = page.evaluate("window.paint")
    page.evaluate(SCROLL)
    page.wait_for_timeout(300)
    shifts = page.evaluate("window.shifts")
    context.close()
    return {
        "kb": round(first_view / 1e3),
        "requests": len(sizes),
        "kb_scrolled": round(sum(sizes) / 1e3),
        "paint_ms": round(paint),
        "shift": round(sum(shift["value"] for shift in shifts), 4),
        "moved": shifts,
    }


def measure_calmly(browser, address, width):
    """Measure again if another program may have delayed the paint."""
    tries = []
    while len(tries) < ATTEMPTS and (not tries or tries[-1]["paint_ms"] >= LATEST_PAINT_MS):
        tries.append(measure(browser, address, width))
    return min(tries, key=lambda found: found["paint_ms"])


@pytest.fixture(scope="module")
def weights(browser, address, site):
    """Measure every page."""
    found = [
        {"page": file.relative_to(site).as_posix(), "width": width}
        for file in links.site_pages(site)
        for width in WIDTHS
    ]
    for row in found:
        row |= measure_calmly(browser, f"{address}{row['page']}", row["width"])
    (paths.BUILD / "weights.json").write_text(json.dumps(found, indent=1))
    print("\n" + table(found))
    return found


def table(rows):
    """Lay out what was measured."""
    columns = ("page", "width", "kb", "kb_scrolled", "requests", "paint_ms", "shift")
    lines = [columns, *[[str(row[name]) for name in columns] for row in rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def test_every_page_is_measured(weights):
    assert len(weights) >= len(WIDTHS) * FEWEST_PAGES
    assert all(row["kb"] > 0 and row["paint_ms"] > 0 for row in weights)


def test_no_page_weighs_more_than_a_phone_plan_forgives(weights):
    heavy = [row for row in weights if row["kb"] > LARGEST_KB]
    assert not heavy, "\n" + table(heavy)


def test_every_page_shows_its_largest_part_within_a_second(weights):
    slow = [row for row in weights if row["paint_ms"] >= LATEST_PAINT_MS]
    assert not slow, "\n" + table(slow)


def test_nothing_moves_while_a_page_loads_or_is_read(weights):
    moving = [row for row in weights if row["shift"] > LARGEST_SHIFT]
    told = "".join(f"\n{row['page']}: {row['moved']}" for row in moving)
    assert not moving, "\n" + table(moving) + told
