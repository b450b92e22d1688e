import Table from 'cli-table3';

/** A table that fits a terminal of 110 columns: headings, then rows of text; numbers belong to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], left = 1): string {
  const made = new Table({
    head: [...headings],
    colAligns: headings.map((_, i) => (i < left ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1, compact: true },
  });
  for (const row of rows) made.push([...row]);
  return made.toString();
}

/** Three significant digits, and no exponent where people expect none. */
export function digits(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  if (Math.abs(value) < 1e-3) return value.toExponential(1);
  return value.toPrecision(3);
}

export function times(ratio: number | null): string {
  return ratio === null || Number.isNaN(ratio) ? '–' : `${digits(ratio)}×`;
}

export function interval(bounds: readonly [number, number] | null): string {
  return bounds === null ? '–' : `${digits(bounds[0])} – ${digits(bounds[1])}`;
}

export function percent(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)} %`;
}

export function bytes(count: number): string {
  return count.toLocaleString('en-US');
}
