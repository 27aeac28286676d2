"""Looks at listings as a visitor does.

usage: listing.py CHANNEL_URL

The channel is the one that ListingBrowserTests makes. Ends with status 1 and a line for each thing
that is not as it should be.
"""

import sys

from chromium import Page

failures = []


def expect(isTrue, what):
    if not isTrue:
        failures.append(what)


def names(page):
    return page.evaluate("[...document.querySelectorAll('.list > tr > td:first-child > a')]"
                         ".map(link => link.textContent)")


def open_listing(page, url):
    page.open(url)
    page.until("document.readyState === 'complete'")
    expect(page.evaluate("document.documentElement.className") == "live", "the script runs")
    expect(page.evaluate("getComputedStyle(document.body).marginTop") == "0px", "the style is heeded")


def filters(page, url):
    open_listing(page, url + "many/")
    expect(page.text("#count").startswith("3,000 files"), "counts: " + page.text("#count"))
    page.press("/", "/")
    page.type("17 file")
    page.until("document.getElementById('count').textContent.endsWith('of 3,000')")
    page.until("location.hash.includes('17')")
    found = names(page)
    expect(found and all("17" in name for name in found), "shows what fits: %s" % found[:3])
    page.press("ArrowDown")
    page.press("ArrowDown")
    expect(page.evaluate("document.activeElement.textContent") == found[1], "arrows lead down")
    page.press("ArrowUp")
    page.press("ArrowUp")
    expect(page.evaluate("document.activeElement.id") == "search", "arrows lead back")
    page.type("nothing")
    expect("17 filenothing" in page.text("#empty"), "says that there is nothing: " + page.text("#empty"))
    page.press("Escape")
    page.until("document.querySelectorAll('.list > tr').length === 3000")
    page.type("file-2999")
    page.press("Enter")
    page.until("location.pathname.endsWith('/many/file-2999.txt')")


def sorts(page, url):
    open_listing(page, url + "many/#?q=file-1")
    first = names(page)
    expect(first[0] == "file-1.txt", "an address brings its filter: %s" % first[:1])
    page.evaluate("document.querySelectorAll('thead a')[2].click()")
    expect(names(page)[0] == "file-1999.txt", "sorts by size: %s" % names(page)[:1])
    expect(page.evaluate("location.search") == "?sort=size&order=desc", "the order is in the address")
    page.evaluate("document.querySelectorAll('thead a')[2].click()")
    expect(names(page)[0] == "file-1.txt", "turns the order round: %s" % names(page)[:1])
    page.evaluate("document.querySelectorAll('thead a')[0].click()")
    # What is out of sight comes later.
    expect(names(page)[:100] == first[:100], "sorts as the server does: %s" % names(page)[:3])


def tells_of_packages(page, url):
    open_listing(page, url + "noarch/")
    expect(names(page)[:3] == ["tool", "tool", "two-words"], "packages: %s" % names(page)[:3])
    page.evaluate("document.querySelector('.list > tr').children[3].click()")
    lines = page.evaluate("[...document.querySelectorAll('.more code')].map(code => code.textContent)")
    address = url.rstrip("/")
    expect(lines[:3] == [
        "conda install -c %s tool=1.10=0" % address, "mamba install -c %s tool=1.10=0" % address,
        "pixi workspace channel add %s\npixi add tool==1.10=0" % address], "offers: %s" % lines[:3])
    expect(len(lines) == 4 and len(lines[3]) == 64, "and the digest: %s" % lines[3:])
    page.evaluate("document.querySelector('.list > tr').children[3].click()")
    expect(not page.evaluate("document.querySelector('.more')"), "and no longer")
    for head in (4, 3, 0):
        page.evaluate("document.querySelectorAll('thead th')[%d].querySelector('a').click()" % head)
    expect(names(page)[:3] == ["tool", "tool", "two-words"], "sorts: %s" % names(page)[:3])
    page.evaluate("document.querySelectorAll('thead a')[2].click()")
    sizes = page.evaluate("[...document.querySelectorAll('details .list > tr')]"
                          ".filter(row => !row.querySelector('a[href$=\"/\"]'))"
                          ".map(row => Number(row.lastElementChild.title))")
    expect(sizes and sizes == sorted(sizes, reverse=True), "and what is put away: %s" % sizes)
    page.evaluate("document.querySelectorAll('thead a')[0].click()")
    page.evaluate("document.querySelector('.group').click()")
    expect(names(page)[:2] == ["tool", "two-words"], "groups: %s" % names(page)[:2])
    page.evaluate("document.querySelector('.badge').click()")
    expect(names(page)[:3] == ["tool", "tool", "two-words"], "opens a group: %s" % names(page)[:3])
    page.evaluate("document.querySelector('.group').click()")
    page.evaluate("document.querySelector('.list a[href=\"two-words-0.1-0.conda\"]').focus()")
    page.press("ArrowRight")
    page.evaluate("document.querySelector('.more p:last-child a').click()")
    page.until("document.querySelector('#panel h2')?.textContent === 'two-words'")


def changes_colours(page, url):
    open_listing(page, url + "noarch/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.evaluate("document.getElementById('theme').click()")
    page.evaluate("document.getElementById('theme').click()")
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    expect(before != after, "turns dark")
    open_listing(page, url + "many/")
    expect(page.evaluate("getComputedStyle(document.body).backgroundColor") == after, "and stays so")
    page.evaluate("localStorage.clear()")


def fits_a_phone(page, url):
    page.resize(360, 640)
    for path in ("many/", "noarch/"):
        open_listing(page, url + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        expect(width <= 360, "%s is as wide as a phone: %s" % (path, width))
    page.resize(1280, 800)


def main():
    url = sys.argv[1]
    with Page() as page:
        for look in (filters, sorts, tells_of_packages, changes_colours, fits_a_phone):
            look(page, url)
        failures.extend(page.complaints)
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
