// The order of versions (CEP 33), as far as showing them takes it.

const versionParts = new Map();

function partsOf(version) {
  const known = versionParts.get(version);
  if (known) return known;
  const [, epoch, main, local] = /^(?:(\d+)!)?([^+]*)(?:\+(.*))?$/.exec(version.toLowerCase())
    || [null, "0", version.toLowerCase(), ""];
  const split = (text) => (text || "").split(/[._-]/).map((segment) => {
    const parts = segment.match(/\d+|\D+/g) || [];
    // A segment that starts with a letter counts as if a zero stood before it.
    if (parts.length > 0 && !/\d/.test(parts[0])) parts.unshift("0");
    return parts.map((part) => (/^\d/.test(part) ? Number(part)
      : part === "post" ? Infinity : part === "dev" ? "" : part));
  });
  const made = [Number(epoch || 0), split(main), split(local)];
  versionParts.set(version, made);
  return made;
}

function comparePart(left = 0, right = 0) {
  if (left === right) return 0;
  // Letters come before numbers: 1.0a is older than 1.0.
  if (typeof left !== typeof right) return typeof left === "string" ? -1 : 1;
  return left < right ? -1 : 1;
}

function compareSegments(left, right) {
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one, other] = [left[i] || [], right[i] || []];
    for (let j = 0; j < Math.max(one.length, other.length); j++) {
      const order = comparePart(one[j], other[j]);
      if (order !== 0) return order;
    }
  }
  return 0;
}

function compareVersions(left, right) {
  const [one, other] = [partsOf(left), partsOf(right)];
  return one[0] - other[0] || compareSegments(one[1], other[1]) || compareSegments(one[2], other[2]);
}
