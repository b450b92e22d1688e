/**
 * A page with the text between two marks replaced.
 *
 * @param name - of the table, as the marks have it: `<!-- <name>, made by npm run readme-table -->` … `<!-- end of the <name> -->`
 * @throws Error when the marks are missing
 */
export function withTable(page: string, table: string, name = 'demo table'): string {
  const begin = `<!-- ${name}, made by npm run readme-table -->`;
  const end = `<!-- end of the ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page lacks the marks ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n${table}\n${page.slice(to)}`;
}
