// All there is to know of one package.

class Panel {
  constructor(root, catalog) {
    this.root = root;
    this.catalog = catalog;
    this.turn = 0;
  }

  // Shows the package called `name`, and opens one of its versions where one is asked for.
  async show(name, version) {
    const turn = ++this.turn;
    const entry = this.catalog.byName.get(name);
    this.root.scrollTop = 0;
    if (!entry) {
      const article = element("article", null, closeLink(), element("h2", { tabindex: -1 }, name),
        element("p.lead", null, "There is no package of this name in this channel."));
      this.root.replaceChildren(article);
      article.append(...yankedFiles(await channel.yanked(name).catch(() => [])));
      return;
    }
    const releases = element("section.releases", { "aria-busy": "true" },
      element("h3", null, "Versions"), element("p.quiet", null, "Loading…"));
    this.root.replaceChildren(element("article", null,
      closeLink(), this.head(entry), installation(name, version), this.about(entry), releases));
    let content;
    try {
      const [files, yanked] = await Promise.all(
        [channel.files(name, entry.subdirs), channel.yanked(name).catch(() => [])]);
      content = [...new Releases(files, this.catalog, version).elements(), ...yankedFiles(yanked)];
    } catch (error) {
      content = [element("p.trouble", { role: "alert" }, `The versions could not be loaded: ${error.message}`),
        element("p", null, "The files themselves: ", entry.subdirs.map((subdir) =>
          [element("a", { href: `${encodeURIComponent(subdir)}/` }, subdir), " "]))];
    }
    if (turn !== this.turn) return;
    releases.replaceChildren(element("h3", null, "Versions"), ...content);
    releases.setAttribute("aria-busy", "false");
    releases.querySelector(".asked")?.scrollIntoView({ block: "nearest" });
  }

  hide() {
    this.turn += 1;
    this.root.replaceChildren();
  }

  focus() {
    this.root.querySelector("h2")?.focus({ preventScroll: true });
  }

  head(entry) {
    return element("header", null,
      this.icon(entry),
      element("h2", { tabindex: -1 }, entry.name),
      element("p.facts", null,
        element("span.version", null, entry.version),
        entry.license ? element("span", null, entry.license) : null,
        entry.time === null ? null : element("span", null, dateElement(entry.time)),
        element("span", null, entry.subdirs.join(", "))),
      entry.summary ? element("p.lead", null, entry.summary) : null,
      this.links(entry));
  }

  icon(entry) {
    const url = webURL(entry.facts.icon_url, channel.root);
    if (!url || new URL(url).origin !== location.origin) return null;
    return element("img.icon", { src: url, alt: "", width: 48, height: 48 });
  }

  links(entry) {
    const { facts } = entry;
    const named = [["Home", facts.home], ["Documentation", facts.doc_url], ["Development", facts.dev_url],
      ["Source", facts.source_git_url || facts.source_url]];
    const seen = new Set();
    const links = named.flatMap(([label, value]) => (Array.isArray(value) ? value : [value])
      .map((url) => [label, webURL(url)]).filter(([, url]) => url !== null).slice(0, 1))
      .filter(([, url]) => !seen.has(url) && seen.add(url))
      .map(([label, url]) => element("li", null,
        element("a", { href: url, rel: "noreferrer noopener", title: url }, label)));
    return links.length > 0 ? element("ul.links", null, links) : null;
  }

  about(entry) {
    const description = text(entry.facts.description).trim();
    if (!description || description === entry.summary.trim()) return null;
    const paragraphs = description.split(/\n\s*\n/).map((part) => element("p", null, part.trim()));
    const isLong = description.length > 420;
    if (!isLong) return element("section.about", null, paragraphs);
    return element("details.about", null,
      element("summary", null, element("span", null, description.slice(0, 260).trim() + "… "),
        element("b", null, "more")), paragraphs);
  }
}

// What was taken back and why, for those who miss it.
function yankedFiles(yanked) {
  if (yanked.length === 0) return [];
  return [element("section.yanked", null, element("h3", null, "Yanked"), element("ul", null,
    yanked.map(({ subdir, file, reason, time }) => {
      const date = Date.parse(time);
      return element("li", null, element("code", null, `${subdir}/${file}`), " ",
        Number.isNaN(date) ? null : dateElement(date), element("p", null, reason));
    })))];
}

function closeLink() {
  return element("a.close", { href: "#", "aria-label": "Close", title: "Close (Escape)" },
    element("span", { "aria-hidden": "true" }, "×"));
}

// A word that a shell takes as it is.
function shellWord(word) {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

// The commands that install the package.
function installation(name, version) {
  const spec = shellWord(version ? `${name}=${version}` : name);
  const exact = shellWord(version ? `${name}==${version}` : name);
  const url = shellWord(channel.url);
  const commands = [
    ["conda", `conda install -c ${url} ${spec}`],
    ["mamba", `mamba install -c ${url} ${spec}`],
    ["pixi", `pixi workspace channel add ${url}\npixi add ${exact}`],
  ];
  return element("section.install", { "aria-label": "Install" }, commands.map(([tool, command]) =>
    element("div", null, element("b", null, tool), element("code", null, command),
      copyButton(command, `the command for ${tool}`))));
}
