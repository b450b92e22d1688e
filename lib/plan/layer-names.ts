/** Longer names are cut in the middle: both the block and the operation stay. */
const longest = 48;
const kept = { front: 18, back: longest - 19 };

/** What comes before the last of the separators, which it ends in. */
function stemOf(name: string, separators: RegExp): string {
  return name.slice(0, name.search(separators) + 1);
}
const slash = /\/[^/]*$/;
const slashOrDash = /[/_][^/_]*$/;

/** What all of the names begin with, up to a separator. */
function sharedStem(names: readonly string[], separators: RegExp): string {
  let stem = stemOf(names[0] ?? '', separators);
  for (const name of names) while (!name.startsWith(stem)) stem = stemOf(stem.slice(0, -1), separators);
  return stem;
}

/** A layer's name behind the one that it is fused with: `conv_bn` behind `conv_conv` is `bn`; a number alone says too little. */
function behind(before: string, name: string): string {
  const rest = name.slice(sharedStem([before, name], slashOrDash).length);
  return /^\d+$/.test(rest) ? name.slice(sharedStem([before, name], slash).length) : rest;
}

/**
 * Names of layers for a table: without the folder that all share (of which there is one in most GraphModels), without
 * what a fused name shares with the one before it, and not longer than 48 characters.
 */
export function shortenLayers(layers: readonly string[]): { folder: string; names: string[] } {
  const parts = layers.map((layer) => layer.split('+'));
  const folder = sharedStem(parts.flat(), slash);
  const names = parts.map((list) => {
    const own = list.map((part) => part.slice(folder.length));
    const name = own.map((part, i) => (i === 0 ? part : behind(own[i - 1]!, part))).join('+');
    return name.length <= longest ? name : `${name.slice(0, kept.front)}…${name.slice(-kept.back)}`;
  });
  return { folder, names };
}
