"""Looks at a channel's home page as a visitor does.

usage: home.py CHANNEL_URL

The channel is the one that HomePageTests makes. Ends with status 1 and a line for each thing that
is not as it should be.
"""

import sys

from chromium import Page

failures = []


def expect(isTrue, what):
    if not isTrue:
        failures.append(what)


def rows(page):
    return page.evaluate("[...document.querySelectorAll('.row .name')].map(row => row.textContent)")


def wait_for_panel(page, name):
    page.until("document.querySelector('#panel h2')?.textContent === %r" % name)
    page.until("document.querySelector('.releases')?.getAttribute('aria-busy') === 'false'")


def lists(page, url):
    page.open(url)
    expect(page.text("#count") == "302 packages", "counts: " + page.text("#count"))
    expect(rows(page)[:2] == ["a-needs-b", "b"], "lists by name: %s" % rows(page)[:2])
    expect(len(rows(page)) < 60, "makes only the rows in sight: %d" % len(rows(page)))
    expect(page.text("#row-0 .version") == "2.0", "shows the latest version")
    expect(page.text("#platforms").split() == ["noarch", "any", "linux", "64"], "has the platforms")
    expect(page.evaluate("document.title") == "condapkg", "is named after its URL")


def searches(page):
    page.press("/")
    page.type("many-17")
    page.until("document.getElementById('count').textContent.startsWith('11')")
    expect(rows(page)[0] == "many-17", "the likeliest comes first: %s" % rows(page)[:3])
    page.until("location.hash === '#?q=many-17'")
    for _ in range(3):
        page.press("ArrowDown")
    page.press("ArrowUp")
    chosen = page.text("[aria-selected=true] .name")
    expect(chosen == rows(page)[2], "arrows move: " + chosen)
    page.press("Enter")
    wait_for_panel(page, chosen)
    expect(page.evaluate("document.activeElement.tagName") == "H2", "the panel takes the focus")
    page.press("Escape")
    page.until("!document.body.classList.contains('reading')")
    expect(page.evaluate("document.activeElement.id") == "search", "the search gets the focus back")
    page.press("Escape")
    expect(page.text("#count") == "302 packages", "Escape clears the search")
    page.type("no such thing")
    expect("no such thing" in page.text("#empty"), "says that there is nothing: " + page.text("#empty"))
    page.press("Escape")


def shows(page, url):
    page.open(url + "#/a-needs-b")
    wait_for_panel(page, "a-needs-b")
    panel = page.text("#panel")
    for text in ["2.0", "1.0", "linux-64", "MIT", "Run exports, weak", "a-needs-b >=2.0",
                 "conda install -c %s a-needs-b" % url.rstrip("/"), "pixi add a-needs-b"]:
        expect(text in panel, "the panel shows %r: %s" % (text, panel))
    expect(page.text(".specs a") == "b", "a dependency is a link")
    size = page.evaluate("fetch(document.querySelector('dd a[download]').href)"
                         ".then(answer => answer.arrayBuffer())"
                         ".then(bytes => crypto.subtle.digest('SHA-256', bytes))"
                         ".then(digest => [...new Uint8Array(digest)]"
                         ".map(byte => byte.toString(16).padStart(2, '0')).join(''))")
    expect(size in panel, "the file has the digest that the panel shows")
    page.evaluate("document.querySelector('.specs a').click()")
    wait_for_panel(page, "b")
    page.evaluate("history.back()")
    wait_for_panel(page, "a-needs-b")
    page.open(url + "#/a-needs-b/1.0")
    wait_for_panel(page, "a-needs-b")
    expect("a-needs-b=1.0" in page.text(".install"), "a version can be asked for")
    page.open(url + "#/missing")
    page.until("!!document.querySelector('#panel h2')")
    expect("no package of this name" in page.text("#panel"), "says that there is no such package")


def is_not_fooled(page, url):
    page.open(url + "#/b")
    wait_for_panel(page, "b")
    expect("<script>" in page.text("#panel .lead"), "markup is shown as text")
    expect(page.evaluate("document.querySelectorAll('script').length") == 1, "no script is added")
    expect(page.evaluate("document.querySelectorAll('#panel img').length") == 0, "nor a picture")
    yanked = page.text(".yanked")
    expect("noarch/b-0.9-0.conda" in yanked and "<b>It leaks.</b>" in yanked, "yanked: " + yanked)
    expect("0.9" not in page.text(".release"), "what was yanked is no version")
    links = page.evaluate("[...document.links].map(link => link.protocol)")
    expect(set(links) <= {"http:", "https:"}, "links lead to the web: %s" % set(links))
    expect(page.evaluate("typeof window.fooled") == "undefined", "nothing of it ran")


def main():
    url = sys.argv[1]
    with Page() as page:
        lists(page, url)
        searches(page)
        shows(page, url)
        is_not_fooled(page, url)
        foreign = [name for name in page.requested if not name.startswith((url, "about:", "data:"))]
        expect(not foreign, "asks nobody else: %s" % foreign)
        expect(not page.complaints, "the console is silent: %s" % page.complaints)
    with Page(390, 844, "dark") as page:
        page.open(url)
        expect(page.evaluate("document.documentElement.scrollWidth") <= 390, "fits on a phone")
        colour = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(colour)
        page.evaluate("document.getElementById('theme').click()")
        expect(page.evaluate(colour) != dark, "light at a click: %s" % dark)
        expect(not page.complaints, "the console is silent: %s" % page.complaints)
    with Page() as page:
        page.call("Emulation.setScriptExecutionDisabled", value=True)
        page.call("Page.navigate", url=url)
        page.until("document.readyState === 'complete' && !!document.querySelector('footer')")
        expect("needs JavaScript" in page.text("body"), "says what is missing without scripts")
        expect("noarch" in page.text("footer"), "links to the files without scripts")
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


main()
