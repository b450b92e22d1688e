/** Stands in for a method; `next` is what would have been called without it, with the same arguments. */
export type StandIn<Args extends unknown[], Result> = (args: Args, next: () => Result) => Result;

type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Replacement {
  dispatch: Method;
  standIns: StandIn<unknown[], unknown>[];
  /** The object's own property before; undefined where the method came from its class. */
  owned: PropertyDescriptor | undefined;
}

const replacements = new WeakMap<object, Map<string, Replacement>>();

/**
 * Replaces a method of one object. Several stand-ins for one method (of a layer that two accelerated models share) are
 * asked from the latest on, each may go by itself, and the last to go leaves the object as it was found.
 *
 * @returns takes the stand-in away again; a second call does nothing
 */
export function replaceMethod<Args extends unknown[], Result>(
  target: object,
  name: string,
  standIn: StandIn<Args, Result>,
): () => void {
  const methods = replacements.get(target) ?? new Map<string, Replacement>();
  replacements.set(target, methods);
  const holder = target as Record<string, unknown>;
  const added = standIn as unknown as StandIn<unknown[], unknown>;
  const known = methods.get(name);
  const replacement = known !== undefined && holder[name] === known.dispatch ? known : install(holder, name);
  methods.set(name, replacement);
  replacement.standIns.push(added);
  return () => {
    const { standIns, dispatch, owned } = replacement;
    const index = standIns.indexOf(added);
    if (index < 0) return;
    standIns.splice(index, 1);
    // Whoever replaced the method after this keeps the dispatcher, which by now calls the original only.
    if (standIns.length > 0 || holder[name] !== dispatch) return;
    methods.delete(name);
    if (owned === undefined) delete holder[name];
    else Object.defineProperty(target, name, owned);
  };
}

function install(holder: Record<string, unknown>, name: string): Replacement {
  const owned = Object.getOwnPropertyDescriptor(holder, name);
  const original = holder[name] as Method;
  const standIns: StandIn<unknown[], unknown>[] = [];
  const call = (self: unknown, args: unknown[], level: number): unknown =>
    level < 0 ? original.apply(self, args) : standIns[level]!(args, () => call(self, args, level - 1));
  function dispatch(this: unknown, ...args: unknown[]): unknown {
    return call(this, args, standIns.length - 1);
  }
  Object.defineProperty(holder, name, { value: dispatch, configurable: true, writable: true });
  return { dispatch, standIns, owned };
}
