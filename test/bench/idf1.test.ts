import { expect, it } from 'vitest';
import { IdentityScore } from '../../bench/idf1';

const box = (x: number): [number, number, number, number] => [x, 0, 10, 10];

/** Frames of one person at x = 0 whom a tracker gives these identities; null: not tracked. */
function score(ids: (string | null)[]) {
  const figures = new IdentityScore();
  for (const id of ids) figures.add([{ id: 'p', box: box(0) }], id === null ? [] : [{ id, box: box(1) }]);
  return figures.figures();
}

it.each([
  { ids: ['1', '1', '1', '1'], idf1: 1, switches: 0, reason: 'one identity throughout' },
  { ids: ['1', '1', '2', '2'], idf1: 0.5, switches: 1, reason: 'two halves: the better one counts' },
  { ids: ['1', null, null, '1'], idf1: 0.6667, switches: 0, reason: 'missed frames: 2*2 / (4 + 2)' },
  { ids: ['1', '2', '1', '2'], idf1: 0.5, switches: 3, reason: 'each change is a switch' },
])('$reason', ({ ids, idf1, switches }) => {
  expect(score(ids)).toMatchObject({ idf1, switches, frames: 4 });
});

it('a box that shows no face counts against the precision', () => {
  const figures = new IdentityScore();
  figures.add(
    [{ id: 'p', box: box(0) }],
    [
      { id: '1', box: box(0) },
      { id: '2', box: box(100) },
    ],
  );
  expect(figures.figures()).toMatchObject({ idPrecision: 0.5, idRecall: 1 });
});
