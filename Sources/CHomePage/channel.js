// What the channel publishes, fetched when it is needed and no more than once.

const channel = (() => {
  const facts = document.body.dataset;
  const documents = new Set((facts.documents || "").split(" "));
  const root = new URL("./", document.baseURI);
  const fetched = new Map();

  async function respond(path, options) {
    const response = await fetch(new URL(path, root), { cache: "no-cache", ...options });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
    return response;
  }

  async function bytesOf(path, options) {
    return new Uint8Array(await (await respond(path, options)).arrayBuffer());
  }

  function once(key, load) {
    if (!fetched.has(key)) {
      const loading = load();
      fetched.set(key, loading);
      // What failed may be tried again.
      loading.catch(() => fetched.delete(key));
    }
    return fetched.get(key);
  }

  // A JSON document. What the server does not pack for the way, the channel may have packed beside it,
  // which takes longer to unpack here than it takes a browser, and far less to bring here.
  function json(path) {
    return once(path, async () => {
      const stop = new AbortController();
      const response = await respond(path, { signal: stop.signal });
      const { headers } = response;
      const isLarge = !headers.has("content-encoding") && !(headers.get("content-length") < 200_000);
      if (!isLarge || !documents.has(`${path.split("/").pop()}.zst`)) return response.json();
      stop.abort();
      const bytes = await bytesOf(`${path}.zst`).catch(() => bytesOf(path));
      return JSON.parse(new TextDecoder().decode(zstandard.unpack(bytes)));
    });
  }

  function shardIndex(subdir) {
    return once(`${subdir} shards`, async () => readMessagePack(
      zstandard.unpack(await bytesOf(`${subdir}/repodata_shards.msgpack.zst`))));
  }

  function hexadecimal(digest) {
    if (!(digest instanceof Uint8Array)) return typeof digest === "string" ? digest : "";
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // The packages that a shard or all of repodata.json lists, as the page shows them.
  function records(listing, subdir, baseURL, name) {
    const base = new URL(baseURL || "./", new URL(`${subdir}/`, root));
    const maps = [
      [listing.packages, ""], [listing["packages.conda"], ""],
      [listing.v3?.conda, ".conda"], [listing.v3?.["tar.bz2"], ".tar.bz2"],
    ];
    return maps.flatMap(([map, ending]) => Object.entries(map || {})
      .filter(([, record]) => record?.name === name)
      .map(([key, record]) => ({
        ...record, file: key + ending, subdir, version: String(record.version),
        build: String(record.build ?? ""),
        sha256: hexadecimal(record.sha256), md5: hexadecimal(record.md5),
        time: milliseconds(record.timestamp) ?? milliseconds(record.indexed_timestamp),
        url: webURL(encodeURIComponent(key + ending), base),
      })));
  }

  async function fromShards(subdir, name) {
    const { info, shards } = await shardIndex(subdir);
    if (!(name in shards)) return [];
    const directory = `${subdir}/${info.shards_base_url || ""}`;
    const file = `${directory.replace(/\/?$/, "/")}${hexadecimal(shards[name])}.msgpack.zst`;
    const shard = await once(file, async () => readMessagePack(
      zstandard.unpack(await bytesOf(file, { cache: "default" }))));
    return records(shard, subdir, info.base_url, name);
  }

  async function fromRepodata(subdir, name) {
    const repodata = await json(`${subdir}/repodata.json`);
    const found = records(repodata, subdir, repodata.info?.base_url, name);
    if (!documents.has("run_exports.json") || found.length === 0) return found;
    const runExports = await json(`${subdir}/run_exports.json`).catch(() => ({}));
    for (const record of found) {
      const listed = runExports["packages.conda"]?.[record.file] ?? runExports.packages?.[record.file];
      record.run_exports ??= listed?.run_exports;
    }
    return found;
  }

  return {
    // As clients are told of it.
    url: root.href.replace(/\/$/, ""),
    root,
    title: facts.title || decoded(root.pathname.split("/").filter(Boolean).pop() || root.host),

    packages: () => json("channeldata.json"),

    // What was taken back of a package: in no index, but still there to be downloaded.
    async yanked(name) {
      if (!documents.has("yanked.json")) return [];
      const { packages } = await json("yanked.json");
      return Object.entries(packages || {}).flatMap(([path, yank]) => {
        const [, subdir, file] = /^([^/]+)\/([^/]+)$/.exec(path) || [];
        const isOfName = file?.replace(/-[^-]*-[^-]*$/, "") === name;
        return isOfName ? [{ subdir, file, reason: text(yank.reason), time: text(yank.yanked_at) }] : [];
      });
    },

    // Every package file of this name in the subdirs.
    async files(name, subdirs) {
      const found = await Promise.all(subdirs.map(async (subdir) => {
        if (!documents.has("shards")) return fromRepodata(subdir, name);
        return fromShards(subdir, name).catch(() => fromRepodata(subdir, name));
      }));
      return found.flat();
    },
  };
})();
