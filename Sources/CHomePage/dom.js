// Elements made without markup: what a package says of itself is only ever text.

function element(name, properties, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag || "div");
  if (classes.length > 0) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

// A URL that is safe to follow; null for one that could run something.
function webURL(text, base) {
  if (typeof text !== "string") return null;
  try {
    const url = new URL(text.trim(), base);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

// A part of a URL as text; as it stands where it is no text.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// The address within this page of a package, and of one version of it.
function packageLink(name, version) {
  return "#/" + encodeURIComponent(name) + (version ? "/" + encodeURIComponent(version) : "");
}

function copyButton(text, what) {
  const label = `Copy ${what}`;
  const button = element("button.copy", { type: "button", "aria-label": label, title: label }, "Copy");
  let timer;
  button.addEventListener("click", async () => {
    const isDone = await copy(text);
    button.textContent = isDone ? "Copied" : "Failed";
    announce(isDone ? `Copied ${what}` : `Could not copy ${what}`);
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers keep the clipboard from pages that came without encryption, as in many an intranet.
    const area = element("textarea.offscreen", { readonly: true, "aria-hidden": "true" });
    const focused = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return isDone;
  }
}

// Tells those who listen to the page what others see.
function announce(text) {
  document.getElementById("announcement").textContent = text;
}

const dates = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
});

// A time in milliseconds since 1970; null for none. Old packages give seconds.
function milliseconds(timestamp) {
  if (typeof timestamp !== "number" || !(timestamp > 0)) return null;
  const time = timestamp > 253402300799 ? timestamp : timestamp * 1000;
  return time < 8.64e15 ? time : null;
}

function dateElement(time) {
  if (time === null) return null;
  const date = new Date(time);
  const exact = date.toISOString();
  return element("time", { datetime: exact, title: exact }, dates.format(date));
}

function sizeText(bytes) {
  if (typeof bytes !== "number") return "";
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < 4) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${["B", "kB", "MB", "GB", "TB"][unit]}`;
}

function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
