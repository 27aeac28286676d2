// Which packages answer a search, the likeliest first.

class Catalog {
  constructor(channeldata) {
    this.byName = new Map();
    const used = new Set();
    let isSorted = true;
    let last = "";
    for (const [name, facts] of Object.entries(channeldata.packages || {})) {
      const subdirs = Array.isArray(facts.subdirs) ? facts.subdirs : [];
      const lowerName = name.toLowerCase();
      isSorted &&= last <= lowerName;
      last = lowerName;
      for (const subdir of subdirs) used.add(subdir);
      this.byName.set(name, {
        name, facts, subdirs, lowerName, lowerSummary: null, version: text(facts.version),
        summary: text(facts.summary), license: text(facts.license), time: milliseconds(facts.timestamp),
      });
    }
    this.all = [...this.byName.values()];
    if (!isSorted) this.all.sort((left, right) => (left.lowerName < right.lowerName ? -1 : 1));
    this.subdirs = [...used].map(String).sort((left, right) => subdirRank(left) - subdirRank(right)
      || (left < right ? -1 : 1));
  }

  get recent() {
    this.byTime ??= [...this.all].sort((left, right) => (right.time ?? 0) - (left.time ?? 0));
    return this.byTime;
  }

  // The packages that hold every word of the query in their name or summary.
  search(query, subdir, isByTime) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const source = isByTime ? this.recent : this.all;
    const isShown = (entry) => !subdir || entry.subdirs.includes(subdir)
      || (subdir !== "noarch" && entry.subdirs.includes("noarch"));
    if (words.length === 0) return subdir ? source.filter(isShown) : source;
    const found = [];
    for (const entry of source) {
      let total = 0;
      for (const word of words) {
        const score = rank(entry, word);
        if (score < 0) {
          total = -1;
          break;
        }
        total += score;
      }
      if (total >= 0 && isShown(entry)) found.push([total, entry]);
    }
    // Sorting keeps the source's order among those that answer alike.
    if (!isByTime) found.sort((left, right) => left[0] - right[0]);
    return found.map(([, entry]) => entry);
  }
}

function text(value) {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function subdirRank(subdir) {
  const order = ["noarch", "linux-64", "linux-aarch64", "linux", "osx-arm64", "osx", "win-64", "win"];
  const index = order.findIndex((start) => subdir === start || subdir.startsWith(`${start}-`));
  return index < 0 ? order.length : index;
}

// Zero for the very name, more for what is less alike, -1 for what is not alike at all.
function rank(entry, word) {
  const at = entry.lowerName.indexOf(word);
  if (at === 0) return entry.lowerName.length === word.length ? 0 : 10 + entry.lowerName.length / 100;
  if (at > 0) return startsWord(entry.lowerName, word, at) ? 20 : 30;
  entry.lowerSummary ??= entry.summary.toLowerCase();
  const summary = entry.lowerSummary.indexOf(word);
  if (summary < 0) return -1;
  return startsWord(entry.lowerSummary, word, summary) ? 40 : 50;
}

// Whether the word stands at the start of a word of the text, at `at` or after.
function startsWord(whole, word, at) {
  for (let found = at; found >= 0; found = whole.indexOf(word, found + 1)) {
    if (found === 0 || !/[\p{L}\p{N}]/u.test(whole[found - 1])) return true;
  }
  return false;
}
