import type { KernelRow } from '../suites/kernel-rows.ts';

const storages = ['float32', 'bfloat16', 'int8'] as const;

/** Microseconds of our kernels by weight storage, 4096x4096, one thread, level `kernel`, in Markdown. */
export function storageTable({ rows }: { rows: readonly KernelRow[] }): string {
  const own = rows.filter(
    ({ engine, level, n, k, threads }) =>
      engine === 'tfjs-sparse' && level === 'kernel' && n === 4096 && k === 4096 && threads === 1,
  );
  const cells = new Map<string, Map<string, number>>();
  for (const { structure, sparsity, m, storage, medianUs } of own) {
    if (medianUs === null) continue;
    const zeros = sparsity > 0 ? `, ${Math.round(sparsity * 100)} %` : '';
    const name = `${structure}${zeros} | ${m}`;
    cells.set(name, (cells.get(name) ?? new Map()).set(storage, medianUs));
  }
  const lines = [...cells].flatMap(([name, times]) => {
    const first = times.get('float32');
    if (first === undefined || times.size < storages.length) return [];
    const texts = storages.map((storage) => {
      const us = times.get(storage)!;
      const faster = storage === 'float32' ? '' : ` (${(first / us).toFixed(2)}×)`;
      return `${Math.round(us).toLocaleString('en-US')} µs${faster}`;
    });
    return `| ${name} | ${texts.join(' | ')} |`;
  });
  return [`| weights | M | ${storages.join(' | ')} |`, '| --- | ---: | ---: | ---: | ---: |', ...lines].join(
    '\n',
  );
}
