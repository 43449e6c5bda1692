// Makes a picture small enough for the README: the browser's PNG (8 bits, RGB or RGBA) as one with a palette.
//
// What always holds: colours are only merged as far as 256 of them need it; the size in pixels stays.
import { deflateSync, inflateSync } from 'node:zlib';

const kSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const kMostColours = 256;

function chunks_of(png) {
  const found = [];
  for (let at = kSignature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    found.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return found;
}

// PNG (third edition) §9.4.
function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function unfiltered(raw, width, height, wide) {
  const row = width * wide;
  const out = Buffer.alloc(row * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const left = x >= wide ? out[y * row + x - wide] : 0;
      const up = y > 0 ? out[(y - 1) * row + x] : 0;
      const corner = x >= wide && y > 0 ? out[(y - 1) * row + x - wide] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      out[y * row + x] = raw[y * (row + 1) + 1 + x] + guess;
    }
  }
  return out;
}

// Each pixel as a number of the palette; nothing where `bits` of each channel still make too many colours.
function indexed(pixels, wide, bits) {
  const places = new Map();
  const palette = [];
  const indices = Buffer.alloc(pixels.length / wide);
  const keep = 0xff & (0xff << (8 - bits));
  for (let i = 0; i < indices.length; i += 1) {
    const [r, g, b] = [pixels[i * wide], pixels[i * wide + 1], pixels[i * wide + 2]];
    const key = ((r & keep) << 16) | ((g & keep) << 8) | (b & keep);
    if (!places.has(key)) {
      if (palette.length === kMostColours) return undefined;
      places.set(key, palette.length);
      palette.push([r, g, b]); // the first of those that are merged stands for all
    }
    indices[i] = places.get(key);
  }
  return { palette: Buffer.from(palette.flat()), indices };
}

function crc(data) {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let i = 0; i < 8; i += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

export function small(png) {
  const chunks = chunks_of(png);
  const head = chunks.find((one) => one.type === 'IHDR').data;
  const [width, height, wide] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const raw = inflateSync(Buffer.concat(chunks.filter((one) => one.type === 'IDAT').map((one) => one.data)));
  const pixels = unfiltered(raw, width, height, wide);
  const { palette, indices } = [8, 7, 6, 5, 4, 3, 2].reduce((found, bits) => found ?? indexed(pixels, wide, bits), undefined);
  const rows = Buffer.alloc((width + 1) * height); // filter 0 before each
  for (let y = 0; y < height; y += 1) indices.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  const own = Buffer.from(head);
  own[9] = 3;
  return Buffer.concat([kSignature, chunk('IHDR', own), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
