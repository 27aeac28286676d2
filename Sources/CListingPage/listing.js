"use strict";
// The colours, before anything is drawn. Kept where a channel's home page keeps them.
const root = document.documentElement;
const themes = ["auto", "light", "dark"];
root.className = "live";
root.dataset.theme = stored("channel-theme");
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
  let isGrouped = false;
  const opened = new Set();

  // What is known of the rows, read when it is needed first.
  function known() {
    if (entries) return entries;
    const served = heads.find((head) => head.parentNode.ariaSort);
    const isReversed = served?.parentNode.ariaSort === "descending";
    entries = tables.flatMap((table) => [...table.querySelectorAll(".list > tr:not(.more)")].map((row, index) => {
      const link = row.firstElementChild.firstElementChild;
      const href = link.getAttribute("href");
      const text = row.firstElementChild.textContent;
      return {
        row, table, link, label: link.textContent, isShown: true, place: isReversed ? -index : index, isDirectory: href.endsWith("/"),
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
    if (!isSame) fill(true);
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
  function fill(fromTop) {
    clearTimeout(filling);
    for (const row of document.querySelectorAll("tr.told")) tell(row, false);
    const rest = tables.map((table) => {
      for (const body of [...table.querySelectorAll(".list")]) body.remove();
      const shown = entries.filter((entry) => entry.table === table && entry.isShown);
      const details = table.closest("details");
      if (details) {
        const isLookedFor = search.value.trim() !== "";
        if (shown.length > 0 && !details.open && isLookedFor) details.open = details.wasOpened = true;
        else if (details.wasOpened && !isLookedFor) details.open = details.wasOpened = false;
        details.hidden = shown.length === 0;
      }
      return { table, rows: table.matches(".facts") ? grouped(shown) : shown, at: 0 };
    });
    function more(bodies) {
      for (const part of rest) {
        while (part.at < part.rows.length && bodies > 0) {
          const body = element("tbody", { className: "list" });
          body.append(...part.rows.slice(part.at, part.at += 100).map((entry) => entry.row));
          part.table.append(body);
          bodies -= 1;
        }
      }
      if (rest.some((part) => part.at < part.rows.length)) filling = setTimeout(more, 0, 5);
    }
    more(2);
    if (fromTop) scrollTo({ top: 0, behavior: "instant" });
  }

  // The first entry of each label, and the others of those that are opened.
  function grouped(shown) {
    for (const entry of entries) {
      entry.badge?.remove();
      entry.row.classList.remove("in");
    }
    if (!isGrouped) return shown;
    const groups = new Map();
    for (const entry of shown) {
      const group = groups.get(entry.label);
      if (group) group.push(entry);
      else groups.set(entry.label, [entry]);
    }
    return [...groups].flatMap(([label, group]) => {
      const [first, ...others] = group;
      const isOpen = opened.has(label);
      if (others.length > 0) {
        first.badge ??= element("button", { type: "button", className: "badge" });
        first.badge.textContent = isOpen ? "−" : `+${others.length}`;
        first.badge.ariaLabel = `${others.length} more of ${label}`;
        first.badge.ariaExpanded = String(isOpen);
        first.badge.onclick = () => {
          if (!opened.delete(label)) opened.add(label);
          fill(false);
          first.badge.focus();
        };
        first.row.firstElementChild.append(first.badge);
      }
      if (!isOpen) return [first];
      for (const entry of others) entry.row.classList.add("in");
      return group;
    });
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
    const facts = column === 0 ? 0 : heads[1].parentNode.cellIndex - 1;
    const isDescending = head.search.includes("order=desc");
    const sign = isDescending ? -1 : 1;
    for (const entry of known()) {
      // Tables without facts have their other columns sooner.
      const cell = entry.row.children[entry.table.matches(".facts") ? column : column - facts];
      entry.key = column === 0 ? 0 : cell.title ? Number(cell.title) : cell.textContent;
    }
    const compare = (left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : left.place - right.place);
    entries.sort((left, right) => right.isDirectory - left.isDirectory || sign * compare(left, right));
    fill(true);
    history.replaceState(null, "", head.search + location.hash);
    for (const other of heads) {
      // What is newest or largest is what people look for.
      const isDescendingNext = other === head ? !isDescending : other !== heads[0];
      other.parentNode.ariaSort = other !== head ? null : isDescending ? "descending" : "ascending";
      other.search = other.search.replace(/order=\w+/, `order=${isDescendingNext ? "desc" : "asc"}`);
    }
  }

  // Leads from row to row, and from the first back to the filter.
  function move(step) {
    const rows = document.querySelectorAll("main tbody > tr:not(.more)");
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
    else if (event.key === "ArrowRight" && event.target.matches(".facts .list td > a")) {
      tell(event.target.closest("tr"), true);
    } else if (event.key === "ArrowLeft" && event.target.matches(".facts .list td > a")) {
      tell(event.target.closest("tr"), false);
    }
    else if (event.key === "Enter" && isSearching && search.value.trim()) {
      known().find((entry) => entry.isShown)?.link.click();
    } else if (event.key === "Escape" && search.value) clear();
    else if (event.key === "Escape") document.activeElement.blur();
    else return;
    event.preventDefault();
  }

  // Shows below a row, or no longer, the whole of what it tells and what may be copied.
  function tell(row, isWanted) {
    const told = row.nextElementSibling?.matches(".more") ? row.nextElementSibling : null;
    if (Boolean(told) === isWanted) return;
    row.classList.toggle("told", isWanted);
    if (!isWanted) {
      told.remove();
      return;
    }
    const link = row.querySelector("a");
    const cells = [...row.children].map((cell) => cell.textContent.trim());
    const values = { parent, 0: link.textContent, 1: cells[1], 2: cells[2] };
    const lines = [...document.getElementById("commands").content.querySelectorAll("b")].map((title) => {
      const template = title.nextElementSibling.textContent;
      return [title.textContent, template.replace(/\{(\w+)\}/g, (_, key) => shellWord(values[key]))];
    });
    const mark = row.querySelector("em");
    // What is not in the index cannot be installed by its name.
    if (mark || !cells[1]) lines.length = 0;
    if (cells[5]) lines.push([document.querySelector(".facts th:last-child").textContent, cells[5]]);
    const about = row.closest("table").dataset.about;
    const file = element("a", { href: link.href, textContent: decoded(link.getAttribute("href")) });
    const size = new Intl.NumberFormat("en").format(row.children[4].title);
    row.after(element("tr", { className: "more" }, element("td", { colSpan: 6 },
      mark ? element("p", { className: "out", textContent: [mark.textContent, mark.title].filter(Boolean).join(": ") }) : "",
      ...lines.map(([title, text]) => element("p", {},
        element("b", { textContent: title }), element("code", { textContent: text }), copyButton(text))),
      element("p", {}, element("b", { textContent: "File" }), element("span", {}, file, `, ${size} bytes`)),
      about ? element("p", {}, element("b"), element("a", {
        href: about.replace("{0}", encodeURIComponent(link.textContent)), textContent: `About ${link.textContent}`,
      })) : "")));
  }

  // What a table with facts has beside the rows.
  const parent = new URL("../", location.origin + location.pathname).href.replace(/\/$/, "");
  function prepareFacts() {
    const group = element("button", { type: "button", className: "group", textContent: "Group by name" });
    const show = () => { group.ariaPressed = String(isGrouped); };
    group.onclick = () => {
      isGrouped = !isGrouped;
      store("listing-grouped", isGrouped);
      show();
      known();
      fill(true);
    };
    isGrouped = stored("listing-grouped") === "true";
    show();
    if (isGrouped) {
      known();
      fill(false);
    }
    count.after(group, element("p", { className: "url" }, element("code", { textContent: parent }), copyButton(parent)));
    document.querySelector(".facts").addEventListener("click", (event) => {
      const row = event.target.closest(".list > tr:not(.more)");
      if (!row || event.target.closest("a, button") || !getSelection().isCollapsed) return;
      tell(row, !row.classList.contains("told"));
    });
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
    store("channel-theme", root.dataset.theme);
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
  if (document.getElementById("commands")) prepareFacts();
  search.addEventListener("input", filter);
  search.addEventListener("focus", known);
  empty.querySelector("button").addEventListener("click", clear);
  document.addEventListener("keydown", key);
  addEventListener("hashchange", look);
  if (search.value.trim()) filter();
  look();
});

function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then it holds for this page.
  }
}

// Elements made without markup: names are only ever text.
function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A word that a shell takes as it is.
function shellWord(word) {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function copyButton(text) {
  const button = element("button", { type: "button", className: "copy", textContent: "Copy" });
  let timer;
  button.onclick = async () => {
    button.textContent = await copy(text) ? "Copied" : "Failed";
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = "Copy"; }, 1600);
  };
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers keep the clipboard from pages that came without encryption, as in many an intranet.
    const area = element("textarea", { className: "offscreen", value: text });
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return isDone;
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
