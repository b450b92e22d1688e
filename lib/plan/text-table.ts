/** A column of a table: its title, and on which side its cells lie. */
export interface Column {
  title: string;
  side: 'left' | 'right';
}

/** Rows as lines with their columns aligned; a column without a single cell is left out. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const used = columns.flatMap((column, i) => (rows.some((row) => row[i] !== '') ? [{ ...column, i }] : []));
  const lines = [used.map(({ title }) => title), ...rows.map((row) => used.map(({ i }) => row[i]!))];
  const widths = used.map((_, i) => lines.reduce((width, line) => Math.max(width, line[i]!.length), 0));
  return lines.map((line) =>
    line
      .map((cell, i) => (used[i]!.side === 'left' ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
