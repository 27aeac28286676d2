// The versions of a package, their builds, and what each of them needs.

class Releases {
  constructor(files, catalog, asked) {
    this.catalog = catalog;
    this.asked = asked;
    const versions = new Map();
    for (const file of files) {
      const builds = versions.get(file.version) || [];
      if (builds.length === 0) versions.set(file.version, builds);
      builds.push(file);
    }
    this.releases = [...versions].sort((left, right) => compareVersions(right[0], left[0]));
    for (const [, builds] of this.releases) {
      builds.sort((left, right) => (right.build_number ?? 0) - (left.build_number ?? 0)
        || subdirRank(left.subdir) - subdirRank(right.subdir) || (right.time ?? 0) - (left.time ?? 0)
        || (left.file < right.file ? -1 : 1));
    }
  }

  elements() {
    if (this.releases.length === 0) return [element("p.quiet", null, "No file of it is listed.")];
    const opened = this.releases.some(([version]) => version === this.asked)
      ? this.asked : this.releases[0][0];
    // Hundreds of versions are nothing to read through.
    const shown = Math.max(24, this.releases.findIndex(([version]) => version === opened) + 1);
    const made = this.releases.slice(0, shown).map((release) => this.release(release, opened));
    const rest = this.releases.slice(shown);
    if (rest.length === 0) return made;
    const more = element("button.more", { type: "button" }, `Show ${counted(rest.length, "older version")}`);
    more.addEventListener("click", () => {
      const older = rest.map((release) => this.release(release, opened));
      more.replaceWith(...older);
      older[0].querySelector("summary").focus();
    });
    return [...made, more];
  }

  release([version, builds], opened) {
    const times = builds.map((build) => build.time).filter((time) => time !== null);
    const subdirs = [...new Set(builds.map((build) => build.subdir))]
      .sort((left, right) => subdirRank(left) - subdirRank(right));
    const isOpen = version === opened;
    return lazyDetails(`details.release${version === this.asked ? ".asked" : ""}`, isOpen,
      [element("span.version", null, version),
        element("span.where", null, subdirs.join(", ")),
        element("span.count", null, counted(builds.length, "build")),
        element("span.date", null, times.length > 0 ? dateElement(Math.max(...times)) : null)],
      () => [
        ...builds.map((build, index) => this.build(build, isOpen && index === 0)),
        version === this.asked ? null : element("p.pin", null,
          element("a", { href: packageLink(builds[0].name, version) }, `Install ${version}`)),
      ]);
  }

  build(build, isOpen) {
    return lazyDetails("details.build", isOpen,
      [element("code.id", null, build.build), element("span.where", null, build.subdir),
        element("span.size", null, sizeText(build.size)),
        element("span.date", null, dateElement(build.time))],
      () => this.facts(build));
  }

  facts(build) {
    const rows = [
      ["Dependencies", this.specs(build.depends, "none")],
      ["Constrains", this.specs(build.constrains)],
      ...Object.entries(build.extra_depends || {})
        .map(([extra, specs]) => [`For ${extra}`, this.specs(specs)]),
      ...this.runExports(build.run_exports),
      ["Track features", plain(build.track_features)],
      ["Flags", plain(build.flags)],
      ["License", plain(build.license)],
      ["File", build.url ? element("a", { href: build.url, download: "" }, build.file)
        : element("span", null, build.file)],
      ["SHA-256", digest(build.sha256, "SHA-256")],
      ["MD5", digest(build.md5, "MD5")],
    ].filter(([, value]) => value);
    return [element("dl", null,
      rows.map(([term, value]) => [element("dt", null, term), element("dd", null, value)]))];
  }

  runExports(exports) {
    if (!exports || typeof exports !== "object") return [];
    const kinds = Array.isArray(exports) ? { weak: exports } : exports;
    return Object.entries(kinds).map(([kind, specs]) =>
      [`Run exports, ${kind.replaceAll("_", " ")}`, this.specs(specs)]);
  }

  // A list of what is asked for, with links to what this channel has.
  specs(specs, none) {
    const list = (Array.isArray(specs) ? specs : []).filter((spec) => typeof spec === "string");
    if (list.length === 0) return none ? element("span.quiet", null, none) : null;
    return element("ul.specs", null, list.map((spec) => {
      const [, prefix, name, rest] = /^((?:[^\s[]*::)?)([\w.-]+)(.*)$/s.exec(spec) || [null, "", "", spec];
      const link = this.catalog.byName.has(name.toLowerCase())
        ? element("a", { href: packageLink(name.toLowerCase()) }, name) : name;
      return element("li", null, prefix, link, element("span", null, rest));
    }));
  }
}

// Details of which the content is made when they are opened for the first time.
function lazyDetails(name, isOpen, summary, content) {
  const details = element(name, { open: isOpen }, element("summary", null, summary));
  let isMade = false;
  const make = () => {
    if (isMade) return;
    isMade = true;
    details.append(element("div.inside", null, content()));
  };
  if (isOpen) make();
  details.addEventListener("toggle", () => { if (details.open) make(); });
  return details;
}

function plain(value) {
  const shown = Array.isArray(value) ? value.map(text).join(", ") : text(value);
  return shown ? element("span", null, shown) : null;
}

function digest(value, name) {
  return value ? [element("code", null, value), copyButton(value, `the ${name}`)] : null;
}
