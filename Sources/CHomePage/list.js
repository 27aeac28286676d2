// The list of packages, of which only the rows in sight exist.

class PackageList {
  constructor(scroller, onChoose) {
    this.scroller = scroller;
    this.sizer = scroller.querySelector("#rows");
    this.entries = [];
    this.words = [];
    this.columns = [];
    this.rows = new Map();
    this.active = -1;
    this.opened = null;
    this.onChoose = onChoose;
    scroller.addEventListener("scroll", () => this.render(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(scroller);
  }

  // Makes a column of each platform.
  setColumns(subdirs) {
    this.columns = subdirs;
    const groups = new Map();
    for (const subdir of subdirs) {
      const [system, ...machine] = subdir.split("-");
      const cells = groups.get(system) || groups.set(system, []).get(system);
      cells.push(element("span", { title: subdir }, machine.join("-") || "any"));
    }
    const heads = [...groups].map(([system, cells]) => {
      const head = element("span.system", null, element("b", null, system), element("span", null, cells));
      head.style.setProperty("--machines", String(cells.length));
      return head;
    });
    document.getElementById("platforms").replaceChildren(...heads);
    this.starts = new Set();
    let column = 0;
    for (const cells of groups.values()) {
      this.starts.add(column);
      column += cells.length;
    }
    const style = this.scroller.style;
    style.setProperty("--platforms", String(subdirs.length));
    style.setProperty("--systems", String(groups.size));
    this.scroller.classList.toggle("many", subdirs.length > 8);
  }

  show(entries, words) {
    this.entries = entries;
    this.words = words;
    this.active = words.length > 0 && entries.length > 0 ? 0 : -1;
    this.scroller.scrollTop = 0;
    this.build();
  }

  // Learns how high a row is, and keeps what is in sight there when that changes.
  measure() {
    const height = this.rowHeight();
    if (height === this.height) return this.render();
    const opened = this.entries.findIndex((entry) => entry.name === this.opened);
    const anchor = this.isInSight(opened) ? opened
      : Math.max(0, Math.round((this.scroller.scrollTop - this.sizer.offsetTop) / this.height));
    const offset = anchor * this.height - this.scroller.scrollTop;
    this.build();
    if (this.scroller.scrollTop > 0 || anchor > 0) {
      this.scroller.scrollTop = anchor * this.height - offset;
      this.render();
    }
  }

  rowHeight() {
    return parseFloat(getComputedStyle(this.sizer).getPropertyValue("--row")) || 44;
  }

  isInSight(index) {
    if (index < 0) return false;
    const top = index * this.height + this.sizer.offsetTop - this.scroller.scrollTop;
    return top > 0 && top + this.height < this.scroller.clientHeight;
  }

  build() {
    this.height = this.rowHeight();
    this.sizer.style.height = `${this.entries.length * this.height}px`;
    this.rows.clear();
    this.sizer.replaceChildren();
    this.render();
  }

  render() {
    const top = this.scroller.scrollTop - this.sizer.offsetTop;
    const first = Math.max(0, Math.floor(top / this.height) - 8);
    const last = Math.min(
      this.entries.length, Math.ceil((top + this.scroller.clientHeight) / this.height) + 8);
    for (const [index, row] of this.rows) {
      if (index >= first && index < last) continue;
      row.remove();
      this.rows.delete(index);
    }
    const added = document.createDocumentFragment();
    for (let index = first; index < last; index++) {
      if (this.rows.has(index)) continue;
      const row = this.row(index);
      this.rows.set(index, row);
      added.append(row);
    }
    this.sizer.append(added);
    this.mark();
  }

  row(index) {
    const entry = this.entries[index];
    const row = element(
      "a.row", {
        href: packageLink(entry.name), id: `row-${index}`, role: "option", tabindex: -1,
        "aria-posinset": index + 1, "aria-setsize": this.entries.length,
      },
      element("span.name", { title: entry.name }, highlighted(entry.name, this.words)),
      element("span.version", { title: entry.version }, entry.version),
      element("span.summary", { title: entry.summary }, entry.summary),
      element("span.license", { title: entry.license }, entry.license),
      element("span.where", null, systemsOf(entry.subdirs)),
      element("span.matrix", { "aria-hidden": "true" }, this.matrix(entry)));
    row.style.transform = `translateY(${index * this.height}px)`;
    return row;
  }

  matrix(entry) {
    const isEverywhere = entry.subdirs.includes("noarch");
    return this.columns.map((subdir, column) => {
      const kind = entry.subdirs.includes(subdir) ? ".built" : isEverywhere ? ".runs" : "";
      const title = kind === ".built" ? subdir : kind ? `${subdir}, by noarch` : null;
      return element(`i${kind}${this.starts.has(column) ? ".first" : ""}`, { title });
    });
  }

  // Shows which row a key acts on, and which package the panel shows.
  mark() {
    for (const [index, row] of this.rows) {
      row.setAttribute("aria-selected", String(index === this.active));
      row.classList.toggle("opened", this.entries[index].name === this.opened);
    }
    const search = document.getElementById("search");
    if (this.rows.has(this.active)) search.setAttribute("aria-activedescendant", `row-${this.active}`);
    else search.removeAttribute("aria-activedescendant");
  }

  open(name) {
    this.opened = name;
    this.mark();
    if (name === null) return;
    // Before the columns change, so that this row stays where it is.
    const index = this.entries.findIndex((entry) => entry.name === name);
    if (index < 0) return;
    this.active = index;
    if (this.isInSight(index)) this.mark();
    else this.center(index);
  }

  center(index) {
    const room = this.scroller.clientHeight - this.height;
    this.scroller.scrollTop = index * this.height + this.sizer.offsetTop - room / 2;
    this.render();
  }

  move(step) {
    if (this.entries.length === 0) return;
    const from = this.active < 0 && step < 0 ? 0 : this.active;
    this.active = Math.max(0, Math.min(this.entries.length - 1, from + step));
    this.reveal(this.active);
    this.mark();
  }

  page() {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.height) - 2);
  }

  reveal(index) {
    const head = this.sizer.offsetTop;
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.height + head > scrollTop + clientHeight) {
      this.scroller.scrollTop = top + this.height + head - clientHeight;
    }
    this.render();
  }

  // The package a key acts on.
  get chosen() {
    return this.entries[this.active] || null;
  }
}

// The text, with what was searched for marked.
function highlighted(whole, words) {
  if (words.length === 0 || whole.length === 0) return [whole];
  const lower = whole.toLowerCase();
  // Where lower case is longer, positions would not fit.
  if (lower.length !== whole.length) return [whole];
  const marked = new Uint8Array(whole.length);
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) {
      marked.fill(1, at, at + word.length);
    }
  }
  const parts = [];
  for (let at = 0; at < whole.length;) {
    let end = at + 1;
    while (end < whole.length && marked[end] === marked[at]) end++;
    const part = whole.slice(at, end);
    parts.push(marked[at] ? element("mark", null, part) : part);
    at = end;
  }
  return parts;
}

// The systems that the subdirs are for, each once.
function systemsOf(subdirs) {
  return [...new Set(subdirs.map((subdir) => subdir.split("-")[0]))]
    .sort((left, right) => subdirRank(left) - subdirRank(right)).join(" · ");
}
