import { type OpenTraining, type Stretch, type Trained, trainCopy } from './open-training.ts';
import { packArrays, unpackWeights } from './packed-arrays.ts';
import type { UnitOutcome } from './study-folder.ts';
import { beginning, type Position, type TrainingPoint } from './train.ts';

/** What a training that is a part of a study ends with. */
export interface TrainedUnit extends Trained {
  /** The last point; `undefined` when there was no step to take. */ last: TrainingPoint | undefined;
}

interface Facts {
  position: Position;
  last: TrainingPoint | null;
  snapshots: Position[];
}

function pack({ weights, position, snapshots, last }: TrainedUnit): UnitOutcome {
  const steps = [...snapshots].map(([step, snapshot]) => [`step-${step}`, snapshot.weights]);
  const facts: Facts = {
    position,
    last: last ?? null,
    snapshots: [...snapshots.values()].map((one) => one.position),
  };
  return { arrays: packArrays({ trained: weights, ...Object.fromEntries(steps) }), facts: { ...facts } };
}

function unpack({ arrays, facts }: UnitOutcome): TrainedUnit {
  const { position, last, snapshots } = facts as unknown as Facts;
  return {
    weights: unpackWeights(arrays, 'trained'),
    position,
    last: last ?? undefined,
    snapshots: new Map(
      snapshots.map((at) => [at.step, { weights: unpackWeights(arrays, `step-${at.step}`), position: at }]),
    ),
  };
}

/**
 * One training as a part of a study: its points are yielded with a label, its weights and snapshots are kept.
 *
 * @param unit - name of the part
 */
export async function* trainUnit<L extends object>(
  open: OpenTraining,
  unit: string,
  label: L,
  stretch: Stretch,
): AsyncGenerator<L & TrainingPoint, TrainedUnit> {
  const outcome = yield* open.run.unit<L & TrainingPoint>(unit, async function* () {
    const training = trainCopy(open, stretch);
    let last: TrainingPoint | undefined;
    try {
      let next = await training.next();
      for (; !next.done; next = await training.next()) {
        last = next.value;
        yield { ...label, ...last };
      }
      return pack({ ...next.value, last });
    } finally {
      // A caller who leaves in the middle: the training frees its tensors.
      await training.return({ weights: new Map(), position: beginning, snapshots: new Map() });
    }
  });
  return unpack(outcome);
}
