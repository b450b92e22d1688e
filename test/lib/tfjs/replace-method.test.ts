import { describe, expect, it } from 'vitest';
import { replaceMethod } from '../../../lib/tfjs/replace-method.ts';

class Greeter {
  name = 'Ada';
  greet(word: string): string {
    return `${word} ${this.name}`;
  }
}

const shout = (_: [string], next: () => string) => next().toUpperCase();
const twice = (_: [string], next: () => string) => `${next()} ${next()}`;

describe('replaceMethod', () => {
  it('puts a stand-in before the method of one object', () => {
    const [greeter, other] = [new Greeter(), new Greeter()];
    const undo = replaceMethod(greeter, 'greet', shout);
    expect([greeter.greet('hello'), other.greet('hello')]).toEqual(['HELLO ADA', 'hello Ada']);
    undo();
    undo();
    expect(greeter.greet('hello')).toBe('hello Ada');
    expect(Object.hasOwn(greeter, 'greet')).toBe(false);
  });

  it('asks the latest stand-in first, and lets any of them go', () => {
    const greeter = new Greeter();
    const undoShout = replaceMethod(greeter, 'greet', shout);
    const undoTwice = replaceMethod(greeter, 'greet', twice);
    expect(greeter.greet('hi')).toBe('HI ADA HI ADA');
    undoShout();
    expect(greeter.greet('hi')).toBe('hi Ada hi Ada');
    undoTwice();
    expect(Object.hasOwn(greeter, 'greet')).toBe(false);
  });

  it("puts the object's own method back", () => {
    const greeter = new Greeter();
    const own = () => 'own';
    greeter.greet = own;
    const before = Object.getOwnPropertyDescriptor(greeter, 'greet');
    replaceMethod(greeter, 'greet', shout)();
    expect(Object.getOwnPropertyDescriptor(greeter, 'greet')).toEqual(before);
  });

  it('leaves alone what somebody else put over it', () => {
    const greeter = new Greeter();
    const undo = replaceMethod(greeter, 'greet', shout);
    const ours = greeter.greet;
    const theirs = (word: string) => `<${ours.call(greeter, word)}>`;
    greeter.greet = theirs;
    expect(greeter.greet('hi')).toBe('<HI ADA>');
    undo();
    expect(greeter.greet).toBe(theirs);
    expect(greeter.greet('hi')).toBe('<hi Ada>');
  });
});
