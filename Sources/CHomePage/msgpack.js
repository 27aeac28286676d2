// Reads MessagePack, in which a channel's shards are written.

function readMessagePack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder();
  let at = 0;

  // Steps over `count` bytes and answers where they start.
  const step = (count) => {
    at += count;
    if (at > bytes.length) throw new Error("MessagePack cut short");
    return at - count;
  };
  const unsigned = (size) => {
    const start = step(size);
    return size === 1 ? view.getUint8(start) : size === 2 ? view.getUint16(start)
      : size === 4 ? view.getUint32(start) : Number(view.getBigUint64(start));
  };
  const signed = (size) => {
    const start = step(size);
    return size === 1 ? view.getInt8(start) : size === 2 ? view.getInt16(start)
      : size === 4 ? view.getInt32(start) : Number(view.getBigInt64(start));
  };
  const slice = (count) => {
    const start = step(count);
    return bytes.subarray(start, start + count);
  };
  const list = (count, depth) => {
    const values = [];
    for (let i = 0; i < count; i++) values.push(value(depth));
    return values;
  };
  const map = (count, depth) => {
    // Without a prototype no key means anything to the language.
    const members = Object.create(null);
    for (let i = 0; i < count; i++) members[String(value(depth))] = value(depth);
    return members;
  };

  function value(depth) {
    if (depth > 64) throw new Error("MessagePack nested too deeply");
    const type = unsigned(1);
    if (type < 0x80) return type;
    if (type < 0x90) return map(type & 15, depth + 1);
    if (type < 0xa0) return list(type & 15, depth + 1);
    if (type < 0xc0) return text.decode(slice(type & 31));
    if (type >= 0xe0) return type - 256;
    switch (type) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return slice(unsigned(1 << (type - 0xc4)));
      case 0xca: return view.getFloat32(step(4));
      case 0xcb: return view.getFloat64(step(8));
      case 0xcc: case 0xcd: case 0xce: case 0xcf: return unsigned(1 << (type - 0xcc));
      case 0xd0: case 0xd1: case 0xd2: case 0xd3: return signed(1 << (type - 0xd0));
      case 0xd9: case 0xda: case 0xdb: return text.decode(slice(unsigned(1 << (type - 0xd9))));
      case 0xdc: case 0xdd: return list(unsigned(2 << (type - 0xdc)), depth + 1);
      case 0xde: case 0xdf: return map(unsigned(2 << (type - 0xde)), depth + 1);
      default: throw new Error("MessagePack of an unknown type");
    }
  }

  return value(0);
}
