"""The built site, served as a strict host would, and Debian's Chromium to read it with."""

import functools
import http.server
import shutil
import threading

import pytest

from bookbuild import links, paths

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HEIGHTS = {1280: 800, 375: 812}
SETTLED = """async () => {
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""

# the console does not tell of a violation that a script has caught
TELL_VIOLATIONS = """document.addEventListener('securitypolicyviolation', event =>
    console.error(`against the policy: ${event.violatedDirective} ${event.blockedURI}`))"""


def pytest_generate_tests(metafunc):
    """Run a test that takes a `name` on every page of the site."""
    if "name" in metafunc.fixturenames:
        files = links.site_pages(paths.HTML)
        metafunc.parametrize("name", [file.relative_to(paths.HTML).as_posix() for file in files])


def security_policy(site):
    """Read the Content-Security-Policy that the site carries for hosts that honour it."""
    text = (site / "_headers").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "Content-Security-Policy:" in line]
    return line.partition(":")[2].strip()


class StrictHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files under the site's own policy."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", security_policy(paths.HTML))
        super().end_headers()

    def log_message(self, *words):
        """Keep quiet."""


@pytest.fixture(scope="session")
def site():
    if not (paths.HTML / "index.html").exists():
        pytest.skip("the book is not built: make book")
    return paths.HTML


@pytest.fixture(scope="session")
def address(site):
    handler = functools.partial(StrictHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    reason = "needs Playwright: pip install playwright"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address, site):
    """Open pages, by name, at one width; afterwards none may have complained.

    A complaint is an error or a warning in the console (one about the security policy too),
    an error in a script, a file that is missing, or a request to another host.
    """
    complaints, contexts = [], []

    def visit(name, width=1280, *, start=address, scheme="light"):
        size = {"width": width, "height": HEIGHTS[width]}
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        watch(page, start, complaints)
        page.goto(start + name)
        page.evaluate(SETTLED)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def watch(page, start, complaints):
    """Note what a page complains about, and block whatever leaves the site."""

    def hear(message):
        if message.type in ("error", "warning"):
            complaints.append(f"{page.url}: {message.type}: {message.text}")

    def let_pass(route):
        if route.request.url.startswith((start, "data:", "blob:")):
            route.continue_()
        else:
            complaints.append(f"{page.url}: asks for {route.request.url}")
            route.abort()

    def miss(request):
        if request.failure != "net::ERR_ABORTED":  # because the reader went on to another page
            complaints.append(f"{page.url}: cannot load {request.url}")

    page.add_init_script(TELL_VIOLATIONS)
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("requestfailed", miss)
    page.route("**/*", let_pass)
