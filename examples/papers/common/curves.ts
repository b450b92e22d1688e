import type { Curve } from './result.ts';

/** Lines that grow point by point. */
export class Curves {
  readonly list: Curve[] = [];
  readonly #x: string;
  readonly #y: string;

  /** What the axes of all of them show. */
  constructor(x: string, y: string) {
    this.#x = x;
    this.#y = y;
  }

  add(name: string, x: number, y: number): void {
    let curve = this.list.find((one) => one.name === name);
    if (!curve) {
      curve = { name, x: this.#x, y: this.#y, points: [] };
      this.list.push(curve);
    }
    curve.points.push([x, y]);
  }
}
