import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './process.ts';

function filesBelow(entry: string): string[] {
  if (!existsSync(entry)) return [];
  if (statSync(entry).isFile()) return [entry];
  return readdirSync(entry, { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => path.join(found.parentPath, found.name));
}

/** Hash of names and contents of files and folders below a folder: times say nothing after a checkout. */
function hashOf(folder: string, inputs: readonly string[]): string {
  const hash = createHash('sha256');
  const files = inputs.flatMap((input) => filesBelow(path.join(folder, input)));
  for (const file of files.sort()) {
    const content = readFileSync(file);
    hash.update(`${path.relative(folder, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Remembers from which inputs something was built. */
export class Stamp {
  readonly #folder: string;
  readonly #file: string;
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];

  /** @param outputs - files that must exist, besides, for the build to count as done */
  constructor(name: string, inputs: readonly string[], outputs: readonly string[], folder: string = root) {
    this.#folder = folder;
    this.#file = path.join(folder, 'build-stamps', name);
    this.#inputs = inputs;
    this.#outputs = outputs.map((output) => path.join(folder, output));
  }

  isFresh(): boolean {
    if (!this.#outputs.every((output) => existsSync(output)) || !existsSync(this.#file)) return false;
    return readFileSync(this.#file, 'utf8') === hashOf(this.#folder, this.#inputs);
  }

  /** @param hash - of the inputs as they were before the build: a file that changed meanwhile makes it stale */
  write(hash: string): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, hash);
  }

  currentHash(): string {
    return hashOf(this.#folder, this.#inputs);
  }
}
