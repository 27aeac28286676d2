// Puts the page together: what the address, the keys and the controls ask for.

const search = document.getElementById("search");
const platform = document.getElementById("platform");
const order = document.getElementById("order");
const count = document.getElementById("count");
const empty = document.getElementById("empty");

function state() {
  const hash = location.hash.slice(1);
  const [path, query] = hash.split("?");
  const [name, version] = path.split("/").slice(1).map(decoded);
  return { name: name || null, version: version || null, query: new URLSearchParams(query || "").get("q") };
}

function listAddress() {
  const query = search.value.trim();
  return location.pathname + location.search + (query ? `#?q=${encodeURIComponent(query)}` : "");
}

// On a phone that would bring up its keyboard.
function focusSearch() {
  if (!matchMedia("(pointer: coarse)").matches) search.focus({ preventScroll: true });
}

function start(catalog) {
  const list = new PackageList(document.getElementById("list"), open);
  const panel = new Panel(document.getElementById("panel"), catalog);
  let remember;

  list.setColumns(catalog.subdirs);
  platform.append(...catalog.subdirs.map((subdir) => element("option", { value: subdir }, subdir)));

  function update() {
    const query = search.value.trim();
    const found = catalog.search(query, platform.value, order.value === "time");
    list.show(found, query.toLowerCase().split(/\s+/).filter(Boolean));
    const all = counted(catalog.all.length, "package");
    count.textContent = found.length === catalog.all.length ? all
      : `${found.length.toLocaleString("en")} of ${all}`;
    empty.hidden = found.length > 0;
    empty.querySelector("b").textContent = catalog.all.length === 0 ? "This channel has no packages yet."
      : query ? `Nothing here answers to “${query}”.` : "Nothing here is for that platform.";
    empty.querySelector("button").hidden = catalog.all.length === 0;
  }

  function route() {
    const { name, version } = state();
    const title = channel.title;
    document.title = name ? `${name} – ${title}` : title;
    list.open(name);
    document.body.classList.toggle("reading", name !== null);
    if (name === null) panel.hide();
    else {
      panel.show(name, version);
      panel.focus();
    }
  }

  function open(name) {
    location.hash = packageLink(name);
  }

  function close() {
    history.pushState(null, "", listAddress());
    route();
    focusSearch();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isTyping = event.target.matches("input, textarea, select");
    const isInPanel = panel.root.contains(event.target);
    if (event.key === "/" && !isTyping) search.select();
    else if (event.key === "Escape" && document.body.classList.contains("reading")) close();
    else if (event.key === "Escape" && search.value) clear();
    else if ((isTyping && event.target !== search) || isInPanel) return;
    else if (event.key === "ArrowDown") list.move(1);
    else if (event.key === "ArrowUp") list.move(-1);
    else if (event.key === "PageDown") list.move(list.page());
    else if (event.key === "PageUp") list.move(-list.page());
    else if (event.key === "Enter" && list.chosen && !event.target.matches("a, button")) {
      open(list.chosen.name);
    } else return;
    event.preventDefault();
  }

  function clear() {
    search.value = "";
    platform.value = "";
    changed();
    focusSearch();
  }

  function changed() {
    update();
    clearTimeout(remember);
    remember = setTimeout(() => {
      if (state().name === null) history.replaceState(null, "", listAddress());
    }, 300);
  }

  search.value = state().query || search.value;
  search.addEventListener("input", changed);
  platform.addEventListener("change", update);
  order.addEventListener("change", update);
  empty.querySelector("button").addEventListener("click", clear);
  document.addEventListener("keydown", key);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a.close")) return;
    event.preventDefault();
    close();
  });
  addEventListener("hashchange", () => {
    const { name, query } = state();
    if (name === null && query !== null && query !== search.value.trim()) {
      search.value = query;
      update();
    }
    route();
  });
  update();
  route();
  document.body.setAttribute("aria-busy", "false");
  performance.mark("interactive");
}

// Light, dark, or whatever the system is.
function startTheme() {
  const button = document.getElementById("theme");
  // The first click should change something.
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const themes = isDark ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  const stored = {
    get() {
      try {
        return localStorage.getItem("channel-theme");
      } catch {
        return null;
      }
    },
    set(theme) {
      try {
        localStorage.setItem("channel-theme", theme);
      } catch {
        // Then it holds for this visit.
      }
    },
  };
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    const label = `Colours: ${theme === "auto" ? "as the system" : theme}`;
    button.title = label;
    button.setAttribute("aria-label", label);
  };
  let theme = themes.includes(stored.get()) ? stored.get() : "auto";
  apply(theme);
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    stored.set(theme);
    apply(theme);
    announce(button.title);
  });
}

function trouble(error) {
  count.textContent = "";
  const again = element("button", { type: "button" }, "Try again");
  again.addEventListener("click", load);
  document.getElementById("rows").replaceChildren(element("div.trouble", { role: "alert" },
    element("p", null, `The list of packages could not be loaded: ${error.message}`), again));
}

async function load() {
  let catalog;
  try {
    catalog = new Catalog(await channel.packages());
  } catch (error) {
    return trouble(error);
  }
  start(catalog);
}

document.documentElement.classList.replace("plain", "live");
startTheme();
document.querySelector("h1 a").textContent = channel.title;
const address = document.getElementById("address");
address.textContent = channel.url;
address.after(copyButton(channel.url, "the channel's URL"));
if (!state().name) focusSearch();
load();
