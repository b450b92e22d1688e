/**
 * A run's outputs with the rows of one engine in the order of the other's, where only rounding decided it: detections are
 * sorted by score, and of two scores that are equal up to rounding either may come first.
 *
 * @param expected - outputs of one run
 * @param received - of the same run in the other engine
 * @param scores - index of the output that the rows are sorted by; outputs of as many rows go with it
 * @param within - largest difference of scores that counts as a tie
 */
export function alignTies(
  expected: readonly Float32Array[],
  received: readonly Float32Array[],
  scores: number,
  within: number,
): readonly Float32Array[] {
  const wanted = expected[scores]!;
  const rows = wanted.length;
  if (received.some((values, i) => values.length !== expected[i]!.length)) return received;
  const aligned = received.map((values) => values.slice());
  const ranked = expected.flatMap((values, output) => {
    const width = values.length / rows;
    return Number.isInteger(width) && width > 0 ? [{ output, width }] : [];
  });
  const distance = (i: number, j: number) =>
    ranked.reduce((sum, { output, width }) => {
      for (let k = 0; k < width; k++)
        sum += Math.abs(expected[output]![i * width + k]! - aligned[output]![j * width + k]!);
      return sum;
    }, 0);
  for (let i = 0; i < rows; i++) {
    let best = i;
    for (let j = i + 1; j < rows; j++)
      if (Math.abs(aligned[scores]![j]! - wanted[i]!) <= within && distance(i, j) < distance(i, best))
        best = j;
    if (best === i) continue;
    for (const { output, width } of ranked) {
      const values = aligned[output]!;
      const row = values.slice(i * width, (i + 1) * width);
      values.copyWithin(i * width, best * width, (best + 1) * width);
      values.set(row, best * width);
    }
  }
  return aligned;
}
