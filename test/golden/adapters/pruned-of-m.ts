/** A pair that counts what is pruned of each group, as this package counts: what is kept. */
export function readPrunedOfM(pair: readonly number[]): { keep: number; of: number } {
  if (pair.length !== 2) throw new Error(`not a pair: ${JSON.stringify(pair)}`);
  const [pruned, of] = pair as [number, number];
  return { keep: of - pruned, of };
}
