/** What JSON has no number for; a loss may well become one of them. */
const names = ['NaN', 'Infinity', '-Infinity', '-0'] as const;
const numberKey = '$number';

/** JSON in which every number survives: NaN, the infinities and negative zero are written as `{"$number": name}`. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'number') return item;
    if (Object.is(item, -0)) return { [numberKey]: '-0' };
    return Number.isFinite(item) ? item : { [numberKey]: String(item) };
  });
}

/** The value that {@link encodeJson} wrote. */
export function decodeJson(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => {
    const name = (item as Record<string, unknown> | null)?.[numberKey];
    return names.includes(name as (typeof names)[number]) ? Number(name) : item;
  });
}
