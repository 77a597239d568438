"""No page asks another host for anything, complains, or breaks a strict host's policy."""

READ = """async () => {
    for (const image of document.images) image.loading = 'eager';
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) scrollTo(0, y);
    await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
    return [...document.images].filter(image => !image.naturalWidth).map(image => image.src);
}"""


def test_the_policy_allows_no_foreign_host_and_no_script_made_of_text(site):
    policy = (site / "_headers").read_text(encoding="utf-8")
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    script_sources = policy.split("script-src", 1)[1].split(";")[0]
    assert "unsafe-inline" not in script_sources
    assert "http" not in policy.split("Content-Security-Policy:", 1)[1].splitlines()[0]


def test_a_page_shows_its_pictures_without_complaint(open_page, name):
    assert open_page(name).evaluate(READ) == []


def test_a_page_opened_from_disk_shows_its_pictures_without_complaint(open_page, site, name):
    assert open_page(name, start=site.as_uri() + "/").evaluate(READ) == []
