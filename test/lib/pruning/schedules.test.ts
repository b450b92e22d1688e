import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  constantSparsity,
  cosineSparsity,
  exponentialSparsity,
  jaxPrunerSchedule,
  linearSparsity,
  polynomialDecay,
  reviveSchedule,
} from '../../../lib/pruning.ts';

const ramp = { initialSparsity: 0.2, finalSparsity: 0.6, beginStep: 10, endStep: 20, frequency: 5 };
const ramps = { linearSparsity, exponentialSparsity, cosineSparsity, polynomialDecay };
const optionError = (message: RegExp) =>
  expect.objectContaining({
    name: 'SparseError',
    code: 'ERR_SPARSE_OPTION',
    message: expect.stringMatching(message),
  });

describe('updates', () => {
  it('happen from the begin to the end, both included, every frequency steps', () => {
    const { at } = constantSparsity({ targetSparsity: 0.5, beginStep: 3, endStep: 9, frequency: 3 });
    const updates = Array.from({ length: 15 }, (_, step) => step).filter((step) => at(step).prune);
    expect(updates).toEqual([3, 6, 9]);
  });

  it('miss an end that is no whole number of periods away', () => {
    const { at } = polynomialDecay({ ...ramp, beginStep: 2000, endStep: 4050, frequency: 100 });
    expect(at(4000).prune).toBe(true);
    expect(at(4050).prune).toBe(false);
    expect(at(4000).sparsity).not.toBe(0.6);
  });

  it('go on for ever with an end of -1', () => {
    expect(constantSparsity({ targetSparsity: 0.5 }).at(1e9).prune).toBe(true);
  });

  it('come every 100 steps from step 0 by default', () => {
    const { at } = constantSparsity({ targetSparsity: 0.5 });
    expect([0, 1, 99, 100, 200].map((step) => at(step).prune)).toEqual([true, false, false, true, true]);
  });
});

describe('sparsities', () => {
  it('follow TFMOT in float32', () => {
    const { at } = polynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.8,
      beginStep: 0,
      endStep: 4,
      frequency: 1,
    });
    expect([0, 1, 2, 3, 4].map((step) => Math.fround(at(step).sparsity))).toEqual(
      [0, 0.4625, 0.7, 0.7875, 0.8].map(Math.fround),
    );
  });

  it.each(Object.entries(ramps))('%s goes from the initial to the final one', (_name, make) => {
    const { at } = make(ramp);
    expect(at(0).sparsity).toBeCloseTo(0.2, 6);
    expect(at(10).sparsity).toBeCloseTo(0.2, 6);
    expect(at(20).sparsity).toBe(0.6);
    expect(at(1000).sparsity).toBe(0.6);
  });

  it('linear: a straight line', () => {
    expect(linearSparsity(ramp).at(15).sparsity).toBeCloseTo(0.4, 6);
  });

  it('exponential: the density falls by equal factors', () => {
    const { at } = exponentialSparsity(ramp);
    expect((1 - at(15).sparsity) ** 2).toBeCloseTo(0.8 * 0.4, 6);
  });

  it('cosine: a quarter of the wave, slow at first', () => {
    expect(cosineSparsity(ramp).at(15).sparsity).toBeCloseTo(0.2 + 0.4 * (1 - Math.SQRT1_2), 6);
  });

  it('JaxPruner: one step ahead, at multiples of the frequency', () => {
    const given = { targetSparsity: 0.8, updateStartStep: 2, updateEndStep: 6, updateFrequency: 3 };
    const { at } = jaxPrunerSchedule(given);
    const decay = polynomialDecay({ finalSparsity: 0.8, initialSparsity: 0, beginStep: 2, endStep: 6 });
    for (let step = 0; step < 10; step++) {
      expect(at(step).sparsity).toBeCloseTo(decay.at(step + 1).sparsity, 6);
      expect(at(step).prune).toBe(step === 3 || step === 6);
    }
  });

  it('are NaN where a polynomial decay begins and ends at once, as TFMOT has it', () => {
    const { at } = polynomialDecay({ ...ramp, beginStep: 5, endStep: 5 });
    expect(at(4).sparsity).toBeCloseTo(0.2, 6);
    expect(at(5).sparsity).toBeNaN();
    expect(at(6).sparsity).toBe(0.6);
  });

  it('never leave the range between initial and final', () => {
    const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(ramps)),
        fraction,
        fraction,
        fc.nat(50),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(150),
        (make, initialSparsity, finalSparsity, beginStep, length, step) => {
          const schedule = make({ initialSparsity, finalSparsity, beginStep, endStep: beginStep + length });
          const { sparsity } = schedule.at(step);
          expect(sparsity).toBeGreaterThanOrEqual(Math.min(initialSparsity, finalSparsity) - 1e-6);
          expect(sparsity).toBeLessThanOrEqual(Math.max(initialSparsity, finalSparsity) + 1e-6);
        },
      ),
    );
  });
});

describe('configurations', () => {
  const schedules = [
    constantSparsity({ targetSparsity: 0.9 }),
    ...Object.values(ramps).map((make) => make(ramp)),
    polynomialDecay({ ...ramp, power: 1 }),
    jaxPrunerSchedule({ targetSparsity: 0.8, updateStartStep: 2, updateEndStep: 20, updateFrequency: 3 }),
  ];
  it.each(schedules.map((schedule) => [schedule.getConfig().className, schedule] as const))(
    '%s is revived from its configuration',
    (_name, schedule) => {
      const revived = reviveSchedule(JSON.parse(JSON.stringify(schedule.getConfig())));
      expect(revived.getConfig()).toEqual(schedule.getConfig());
      for (let step = 0; step < 30; step++) expect(revived.at(step)).toEqual(schedule.at(step));
    },
  );

  it('keep every constructor argument under its name', () => {
    expect(polynomialDecay(ramp).getConfig()).toEqual({
      className: 'PolynomialDecay',
      config: { ...ramp, power: 3 },
    });
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      'a sparsity of 1',
      () => constantSparsity({ targetSparsity: 1 }),
      /targetSparsity.*\[0, 1\), received 1/,
    ],
    ['a negative sparsity', () => constantSparsity({ targetSparsity: -0.1 }), /received -0\.1/],
    ['a NaN', () => constantSparsity({ targetSparsity: Number.NaN }), /received NaN/],
    ['a sparsity as text', () => constantSparsity({ targetSparsity: '0.5' as never }), /received 0\.5/],
    ['a final sparsity of 1', () => linearSparsity({ ...ramp, finalSparsity: 1 }), /finalSparsity/],
    ['a negative begin', () => constantSparsity({ targetSparsity: 0.5, beginStep: -1 }), /beginStep/],
    ['an end before -1', () => constantSparsity({ targetSparsity: 0.5, endStep: -2 }), /endStep/],
    [
      'an end before the begin',
      () => constantSparsity({ targetSparsity: 0.5, beginStep: 5, endStep: 4 }),
      /endStep 4 lies before/,
    ],
    ['a frequency of 0', () => constantSparsity({ targetSparsity: 0.5, frequency: 0 }), /frequency/],
    ['a fraction of a step', () => constantSparsity({ targetSparsity: 0.5, beginStep: 1.5 }), /beginStep/],
    ['a ramp without an end', () => polynomialDecay({ ...ramp, endStep: -1 }), /endStep/],
    ['a ramp whose end is missing', () => linearSparsity({ finalSparsity: 0.5 }), /endStep/],
    [
      'a decay whose begin is missing',
      () => polynomialDecay({ ...ramp, beginStep: undefined as never }),
      /"beginStep" is missing/,
    ],
    ['a power of NaN', () => polynomialDecay({ ...ramp, power: Number.NaN }), /power/],
    [
      "TFMOT's spelling",
      () => constantSparsity({ target_sparsity: 0.5 } as never),
      /"target_sparsity".*"targetSparsity"/,
    ],
    ['an option of another schedule', () => linearSparsity({ ...ramp, power: 2 } as never), /"power"/],
    ['a step that is none', () => constantSparsity({ targetSparsity: 0.5 }).at(1.5), /integer step/],
    [
      'an unknown class',
      () => reviveSchedule({ className: 'Mystery', config: {} }),
      /"Mystery".*ConstantSparsity/,
    ],
    [
      'a JaxPruner window that ends first',
      () =>
        jaxPrunerSchedule({ targetSparsity: 0.5, updateStartStep: 5, updateEndStep: 4, updateFrequency: 1 }),
      /updateEndStep/,
    ],
  ];
  it.each(refused)('refuse %s', (_what, make, message) => {
    expect(make).toThrowError(optionError(message));
  });

  it('refuse what is no object', () => {
    expect(() => constantSparsity(undefined as never)).toThrowError(
      /expected an object of options, received undefined/,
    );
  });
});
