"use strict";
// The colours, before anything is drawn. Kept where a channel's home page keeps them.
const root = document.documentElement;
const themes = ["auto", "light", "dark"];
root.className = "live";
try {
  root.dataset.theme = localStorage.getItem("channel-theme");
} catch {
  // Then it holds for this page.
}
if (!themes.includes(root.dataset.theme)) root.dataset.theme = "auto";

document.addEventListener("DOMContentLoaded", () => {
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const empty = document.getElementById("empty");
  const tables = [...document.querySelectorAll("main table")];
  const heads = [...document.querySelectorAll("thead a")];
  const all = count.textContent;
  let entries;
  let filling;
  let remember;

  // What is known of the rows, read when it is needed first.
  function known() {
    if (entries) return entries;
    const served = heads.find((head) => head.parentNode.ariaSort);
    const isReversed = served?.parentNode.ariaSort === "descending";
    entries = tables.flatMap((table) => [...table.querySelectorAll(".list > tr")].map((row, index) => {
      const link = row.firstElementChild.firstElementChild;
      const href = link.getAttribute("href");
      const text = link.textContent;
      return {
        row, table, link, isShown: true, place: isReversed ? -index : index, isDirectory: href.endsWith("/"),
        text: (text === href ? text : `${text} ${decoded(href)}`).toLowerCase(),
      };
    }));
    // The server's order by name may be more than one by letters.
    entries.isByName = served === heads[0];
    return entries;
  }

  function filter() {
    const query = search.value.trim();
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    let [shown, isSame] = [0, true];
    for (const entry of known()) {
      const isShown = words.every((word) => entry.text.includes(word));
      if (isShown) shown += 1;
      if (isShown !== entry.isShown) isSame = false;
      entry.isShown = isShown;
    }
    if (!isSame) fill();
    for (const up of document.querySelectorAll("tbody.up")) up.hidden = words.length > 0;
    const numbers = new Intl.NumberFormat("en");
    count.textContent = words.length > 0
      ? `${numbers.format(shown)} of ${numbers.format(entries.length)}` : all;
    empty.hidden = words.length === 0 || shown > 0;
    empty.firstElementChild.textContent = `Nothing here is called “${query}”.`;
    clearTimeout(remember);
    remember = setTimeout(note, 300);
  }

  // Puts the rows that are to be shown into the tables: what is in sight now, the rest when the
  // browser has time, in bodies of which it lays out only those in sight.
  function fill() {
    clearTimeout(filling);
    const rest = tables.map((table) => {
      for (const body of [...table.querySelectorAll(".list")]) body.remove();
      const rows = entries.filter((entry) => entry.table === table && entry.isShown);
      const details = table.closest("details");
      if (details) {
        if (rows.length > 0 && !details.open && search.value.trim()) details.open = details.wasOpened = true;
        else if (details.wasOpened && !search.value.trim()) details.open = details.wasOpened = false;
        details.hidden = rows.length === 0;
      }
      return { table, rows, at: 0 };
    });
    function more(bodies) {
      for (const part of rest) {
        while (part.at < part.rows.length && bodies > 0) {
          const body = document.createElement("tbody");
          body.className = "list";
          body.append(...part.rows.slice(part.at, part.at += 100).map((entry) => entry.row));
          part.table.append(body);
          bodies -= 1;
        }
      }
      if (rest.some((part) => part.at < part.rows.length)) filling = setTimeout(more, 0, 5);
    }
    more(2);
    scrollTo({ top: 0, behavior: "instant" });
  }

  // Keeps in the address what is looked for, so that coming back finds it again.
  function note() {
    const query = search.value.trim();
    const hash = query ? `#?q=${encodeURIComponent(query)}` : "";
    history.replaceState(history.state, "", location.pathname + location.search + hash);
  }

  function clear() {
    search.value = "";
    filter();
    search.focus();
  }

  function sort(head) {
    const column = head.parentNode.cellIndex;
    const isDescending = head.search.includes("order=desc");
    const sign = isDescending ? -1 : 1;
    for (const entry of known()) {
      const cell = entry.row.children[column];
      entry.key = column === 0 ? 0 : cell.title ? Number(cell.title) : cell.textContent;
    }
    const compare = (left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : left.place - right.place);
    entries.sort((left, right) => right.isDirectory - left.isDirectory || sign * compare(left, right));
    fill();
    history.replaceState(null, "", head.search + location.hash);
    for (const other of heads) other.parentNode.ariaSort = null;
    head.parentNode.ariaSort = isDescending ? "descending" : "ascending";
    head.search = head.search.replace(/order=\w+/, `order=${isDescending ? "asc" : "desc"}`);
  }

  // Leads from row to row, and from the first back to the filter.
  function move(step) {
    const rows = document.querySelectorAll("main tbody > tr");
    const isOut = (row) => row.hidden || row.parentNode.hidden || row.closest("details:not([open])");
    let at = [].indexOf.call(rows, document.activeElement.closest("tr")) + step;
    while (at >= 0 && at < rows.length && isOut(rows[at])) at += step;
    if (at >= rows.length) return;
    (at < 0 ? search : rows[at].querySelector("a")).focus();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isSearching = event.target === search;
    if (event.key === "/" && !isSearching) search.select();
    else if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp" && !isSearching) move(-1);
    else if (event.key === "Enter" && isSearching && search.value.trim()) {
      known().find((entry) => entry.isShown)?.link.click();
    } else if (event.key === "Escape" && search.value) clear();
    else if (event.key === "Escape") document.activeElement.blur();
    else return;
    event.preventDefault();
  }

  function look() {
    const query = new URLSearchParams(location.hash.replace(/^#\??/, "")).get("q");
    if (query === null || query === search.value.trim()) return;
    search.value = query;
    filter();
  }

  const button = document.getElementById("theme");
  function label() {
    const { theme } = root.dataset;
    button.title = button.ariaLabel = `Colours: ${theme === "auto" ? "as the system" : theme}`;
  }
  button.addEventListener("click", () => {
    root.dataset.theme = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
    try {
      localStorage.setItem("channel-theme", root.dataset.theme);
    } catch {
      // Then it holds for this page.
    }
    label();
  });
  label();

  for (const head of heads) {
    head.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      known();
      // Without the server's order by name at hand, it is asked for.
      if (head === heads[0] && !entries.isByName) {
        head.hash = location.hash;
        return;
      }
      event.preventDefault();
      sort(head);
    });
  }
  search.addEventListener("input", filter);
  search.addEventListener("focus", known);
  empty.querySelector("button").addEventListener("click", clear);
  document.addEventListener("keydown", key);
  addEventListener("hashchange", look);
  if (search.value.trim()) filter();
  look();
});

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
