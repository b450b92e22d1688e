/** Letters to insert, delete, replace or swap with their neighbour to turn one word into the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** ` Did you mean "threads"?` where `name` is nearly one of the words (case aside), else nothing. */
export function didYouMean(name: string, words: readonly string[]): string {
  const distance = (word: string) => editDistance(name.toLowerCase(), word.toLowerCase());
  // Long names would take long, and are no slip of the finger.
  if (name.length > 40 || words.length === 0) return '';
  const nearest = words.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return distance(nearest) <= Math.max(1, nearest.length / 3) ? ` Did you mean "${nearest}"?` : '';
}
