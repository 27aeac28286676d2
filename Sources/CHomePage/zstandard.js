// Unpacks Zstandard frames (RFC 8878), which browsers do only for responses sent as such.
//
// Dictionaries are refused, checksums are not verified: a channel's documents have neither.

const zstandard = (() => {
  // The number of the highest bit that is set.
  const highBit = (number) => 31 - Math.clz32(number);
  const literalLengths = {
    base: [...Array(16).keys(), 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096,
      8192, 16384, 32768, 65536],
    extra: [...Array(16).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  };
  const matchLengths = {
    base: [...Array(32).keys()].map((code) => code + 3).concat(
      [35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771,
        65539]),
    extra: [...Array(32).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  };
  const predefined = {
    literals: fseTable(6, [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2,
      1, 1, 1, 1, 1, -1, -1, -1, -1]),
    matches: fseTable(6, [1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1]),
    offsets: fseTable(5, [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1,
      -1, -1, -1]),
  };

  function damaged(what) {
    return new Error(`damaged Zstandard frame: ${what}`);
  }

  // A table that tells, for each state, the symbol and how the next state is found.
  function fseTable(log, counts) {
    const size = 1 << log;
    const table = {
      log, symbol: new Uint8Array(size), bits: new Uint8Array(size), base: new Uint16Array(size),
    };
    const next = new Uint16Array(counts.length);
    let high = size - 1;
    counts.forEach((count, symbol) => {
      if (count === -1) table.symbol[high--] = symbol;
      next[symbol] = Math.abs(count);
    });
    const step = (size >> 1) + (size >> 3) + 3;
    let position = 0;
    counts.forEach((count, symbol) => {
      for (let i = 0; i < count; i++) {
        table.symbol[position] = symbol;
        do position = (position + step) & (size - 1); while (position > high);
      }
    });
    for (let state = 0; state < size; state++) {
      const occurrence = next[table.symbol[state]]++;
      table.bits[state] = log - highBit(occurrence);
      table.base[state] = (occurrence << table.bits[state]) - size;
    }
    return table;
  }

  class Decoder {
    constructor(input) {
      // Four bytes are read at once, also at the very end.
      this.bytes = new Uint8Array(input.length + 8);
      this.bytes.set(input);
      this.view = new DataView(this.bytes.buffer);
      this.end = input.length;
      this.at = 0;
      this.output = new Uint8Array(0);
      this.written = 0;
      this.literals = new Uint8Array(131072);
    }

    unpack() {
      while (this.at < this.end) {
        const magic = this.number(4);
        if (magic === 0xfd2fb528) this.frame();
        else if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) this.skip(this.number(4));
        else throw damaged("unknown magic number");
      }
      return this.output.subarray(0, this.written);
    }

    number(size) {
      const start = this.skip(size);
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + this.bytes[start + i];
      return value;
    }

    // Steps over `count` bytes and answers where they start.
    skip(count) {
      const start = this.at;
      this.at += count;
      if (this.at > this.end) throw damaged("cut short");
      return start;
    }

    reserve(count) {
      const needed = this.written + count;
      if (needed <= this.output.length) return;
      if (needed > 1 << 30) throw damaged("more than a gigabyte");
      const larger = new Uint8Array(Math.max(needed, Math.min(this.output.length * 2, 1 << 30)));
      larger.set(this.output.subarray(0, this.written));
      this.output = larger;
    }

    frame() {
      const descriptor = this.number(1);
      const isSingle = (descriptor >> 5) & 1;
      if (!isSingle) this.number(1);
      if (this.number([0, 1, 2, 4][descriptor & 3]) !== 0) throw damaged("needs a dictionary");
      const sizeBytes = [isSingle, 2, 4, 8][descriptor >> 6];
      const size = this.number(sizeBytes) + (sizeBytes === 2 ? 256 : 0);
      if (sizeBytes > 0) this.reserve(size);
      this.frameStart = this.written;
      this.huffman = null;
      this.tables = { literals: null, offsets: null, matches: null };
      this.repeats = [1, 4, 8];
      let isLast = false;
      while (!isLast) {
        const header = this.number(3);
        isLast = (header & 1) === 1;
        this.block((header >> 1) & 3, header >> 3);
      }
      if (sizeBytes > 0 && this.written - this.frameStart !== size) throw damaged("wrong size");
      if (descriptor & 4) this.skip(4);
    }

    block(type, size) {
      if (type === 2) {
        const end = this.skip(size) + size;
        this.at = end - size;
        const count = this.readLiterals(end);
        this.reserve(131072 + count);
        this.readSequences(end, count);
        this.at = end;
        return;
      }
      if (type === 3) throw damaged("reserved block");
      this.reserve(size);
      const start = this.skip(type === 0 ? size : 1);
      if (type === 0) this.output.set(this.bytes.subarray(start, start + size), this.written);
      else this.output.fill(this.bytes[start], this.written, this.written + size);
      this.written += size;
    }

    // Fills `literals` and answers how many there are.
    readLiterals(end) {
      const first = this.bytes[this.at];
      const [type, format] = [first & 3, (first >> 2) & 3];
      if (type < 2) {
        const size = format === 1 ? this.number(2) >> 4
          : format === 3 ? this.number(3) >> 4 : this.number(1) >> 3;
        if (size > this.literals.length) throw damaged("too many literals");
        const start = this.skip(type === 0 ? size : 1);
        if (type === 0) this.literals.set(this.bytes.subarray(start, start + size));
        else this.literals.fill(this.bytes[start], 0, size);
        return size;
      }
      const [headerSize, width] = [[3, 10], [3, 10], [4, 14], [5, 18]][format];
      const header = this.number(headerSize);
      const size = Math.floor(header / 16) % (1 << width);
      const packed = Math.floor(header / 16 / (1 << width));
      const stop = this.at + packed;
      if (size > this.literals.length || stop > end) throw damaged("too many literals");
      if (type === 2) this.huffman = this.readHuffman(stop);
      if (!this.huffman) throw damaged("no Huffman table");
      if (format === 0) {
        this.readStream(this.at, stop, 0, size);
      } else {
        const part = (size + 3) >> 2;
        const ends = [this.number(2), this.number(2), this.number(2)];
        let start = this.at;
        for (let i = 0; i < 4; i++) {
          const limit = i < 3 ? start + ends[i] : stop;
          this.readStream(start, limit, i * part, i < 3 ? (i + 1) * part : size);
          start = limit;
        }
      }
      this.at = stop;
      return size;
    }

    readHuffman(stop) {
      const header = this.number(1);
      const weights = header < 128 ? this.readWeights(header) : [];
      for (let i = 0; i < header - 127; i += 2) {
        const pair = this.number(1);
        weights.push(pair >> 4);
        if (i + 1 < header - 127) weights.push(pair & 15);
      }
      if (this.at > stop) throw damaged("Huffman table");
      const total = weights.reduce((sum, weight) => sum + (weight > 0 ? 1 << (weight - 1) : 0), 0);
      const log = highBit(total) + 1;
      const rest = (1 << log) - total;
      if (total === 0 || log > 11 || rest & (rest - 1)) throw damaged("Huffman weights");
      weights.push(highBit(rest) + 1);
      const table = { log, symbol: new Uint8Array(1 << log), bits: new Uint8Array(1 << log) };
      let position = 0;
      for (let weight = 1; weight <= log; weight++) {
        weights.forEach((own, symbol) => {
          if (own !== weight) return;
          const next = position + (1 << (weight - 1));
          table.symbol.fill(symbol, position, next);
          table.bits.fill(log + 1 - weight, position, next);
          position = next;
        });
      }
      return table;
    }

    // Weights of a Huffman table, from two states that take turns.
    readWeights(size) {
      const end = this.skip(size) + size;
      this.at = end - size;
      const table = this.readTable(6, end);
      const start = this.at * 8;
      let position = this.streamEnd(end);
      const read = (count) => {
        position -= count;
        return position >= start ? this.bits(position, count)
          : position + count <= start ? 0
          : this.bits(start, position + count - start) << (start - position);
      };
      const weights = [];
      const states = [read(table.log), read(table.log)];
      for (let turn = 0; weights.length < 255; turn ^= 1) {
        const state = states[turn];
        weights.push(table.symbol[state]);
        states[turn] = table.base[state] + read(table.bits[state]);
        if (position < start) {
          weights.push(table.symbol[states[turn ^ 1]]);
          break;
        }
      }
      this.at = end;
      return weights;
    }

    // A stream is read from its end, where a bit that is set marks the last byte's share.
    streamEnd(end) {
      const last = this.bytes[end - 1];
      if (last === 0) throw damaged("bit stream");
      return end * 8 - 8 + highBit(last);
    }

    // Up to 25 bits that start at a bit's position.
    bits(position, count) {
      return (this.view.getUint32(position >> 3, true) >>> (position & 7)) & ((1 << count) - 1);
    }

    readStream(first, end, from, to) {
      if (end <= first || end > this.end) throw damaged("bit stream");
      const { log, symbol, bits } = this.huffman;
      const { view, literals } = this;
      const start = first * 8;
      const mask = (1 << log) - 1;
      let position = this.streamEnd(end);
      for (let i = from; i < to; i++) {
        const low = position - log;
        const code = low >= start ? (view.getUint32(low >> 3, true) >>> (low & 7)) & mask
          : (this.bits(start, position - start) << (start - low)) & mask;
        literals[i] = symbol[code];
        position -= bits[code];
      }
      if (position !== start) throw damaged("bit stream");
    }

    readTable(maxLog, end) {
      let position = this.at * 8;
      const log = this.bits(position, 4) + 5;
      position += 4;
      if (log > maxLog) throw damaged("table");
      const counts = [];
      let left = 1 << log;
      while (left > 0 && counts.length < 256) {
        const width = highBit(left + 1) + 1;
        const low = (1 << (width - 1)) - 1;
        const spare = (1 << width) - 2 - left;
        let value = this.bits(position, width);
        if ((value & low) < spare) {
          value &= low;
          position += width - 1;
        } else {
          if (value > low) value -= spare;
          position += width;
        }
        counts.push(value - 1);
        left -= Math.abs(value - 1);
        for (let more = value === 1 ? 3 : 0; more === 3;) {
          more = this.bits(position, 2);
          position += 2;
          for (let i = 0; i < more; i++) counts.push(0);
        }
      }
      this.at = (position + 7) >> 3;
      if (left !== 0 || this.at > end) throw damaged("table");
      return fseTable(log, counts);
    }

    chooseTable(kind, mode, maxLog, end) {
      if (mode === 0) this.tables[kind] = predefined[kind];
      else if (mode === 1) this.tables[kind] = fseTable(0, [...Array(this.number(1)).fill(0), 1]);
      else if (mode === 2) this.tables[kind] = this.readTable(maxLog, end);
      else if (!this.tables[kind]) throw damaged("no table to repeat");
      return this.tables[kind];
    }

    readSequences(end, literalCount) {
      let count = this.number(1);
      if (count === 255) count = this.number(2) + 0x7f00;
      else if (count > 127) count = ((count - 128) << 8) + this.number(1);
      if (count === 0) {
        this.output.set(this.literals.subarray(0, literalCount), this.written);
        this.written += literalCount;
        return;
      }
      const modes = this.number(1);
      const literal = this.chooseTable("literals", modes >> 6, 9, end);
      const offsets = this.chooseTable("offsets", (modes >> 4) & 3, 8, end);
      const matches = this.chooseTable("matches", (modes >> 2) & 3, 9, end);
      const start = this.at * 8;
      let position = this.streamEnd(end);
      const read = (count) => {
        if (count === 0) return 0;
        position -= count;
        if (position < start) throw damaged("sequences");
        if (count <= 25) return this.bits(position, count);
        return this.bits(position + 16, count - 16) * 65536 + this.bits(position, 16);
      };
      let [literalState, offsetState] = [read(literal.log), read(offsets.log)];
      let matchState = read(matches.log);
      let taken = 0;
      for (let i = 0; i < count; i++) {
        const offsetCode = offsets.symbol[offsetState];
        const matchCode = matches.symbol[matchState];
        const literalCode = literal.symbol[literalState];
        if (offsetCode > 31 || matchCode > 52 || literalCode > 35) throw damaged("sequences");
        const distance = 2 ** offsetCode + read(offsetCode);
        const length = matchLengths.base[matchCode] + read(matchLengths.extra[matchCode]);
        const run = literalLengths.base[literalCode] + read(literalLengths.extra[literalCode]);
        if (i + 1 < count) {
          literalState = literal.base[literalState] + read(literal.bits[literalState]);
          matchState = matches.base[matchState] + read(matches.bits[matchState]);
          offsetState = offsets.base[offsetState] + read(offsets.bits[offsetState]);
        }
        if (taken + run > literalCount) throw damaged("literals");
        this.copy(taken, run, this.offset(distance, run === 0), length);
        taken += run;
      }
      if (position !== start) throw damaged("sequences");
      const rest = literalCount - taken;
      this.reserve(rest);
      this.output.set(this.literals.subarray(taken, literalCount), this.written);
      this.written += rest;
    }

    // The offset that a value stands for: one of the last three, or a new one.
    offset(value, isShifted) {
      const repeats = this.repeats;
      if (value > 3) {
        this.repeats = [value - 3, repeats[0], repeats[1]];
        return value - 3;
      }
      const index = value - 1 + (isShifted ? 1 : 0);
      if (index === 0) return repeats[0];
      const offset = index < 3 ? repeats[index] : repeats[0] - 1;
      this.repeats = [offset, repeats[0], index === 1 ? repeats[2] : repeats[1]];
      return offset;
    }

    copy(from, run, offset, length) {
      this.reserve(run + length);
      const { output, literals } = this;
      let at = this.written;
      for (let i = 0; i < run; i++) output[at++] = literals[from + i];
      if (offset <= 0 || offset > at - this.frameStart) throw damaged("offset");
      if (length > 32 && offset >= length) {
        output.copyWithin(at, at - offset, at - offset + length);
        at += length;
      } else {
        for (let i = 0; i < length; i++, at++) output[at] = output[at - offset];
      }
      this.written = at;
    }
  }

  const magic = [0x28, 0xb5, 0x2f, 0xfd];

  return {
    // Unpacks what is packed; a server may have said so, and then the browser has done it.
    unpack(bytes) {
      return magic.every((byte, i) => bytes[i] === byte) ? new Decoder(bytes).unpack() : bytes;
    },
  };
})();
