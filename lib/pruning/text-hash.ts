/** 32 bits of a text: FNV-1a of its UTF-8 bytes. Parts of a seeded work draw different numbers by their names. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
