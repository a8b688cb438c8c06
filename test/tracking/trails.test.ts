import { expect, it } from 'vitest';
import { checkTracks } from '../../src/tracking/trails';

const FACE = { box: [0, 0, 2, 2], confidence: 1, trackId: 1 };

it('takes the faces that are present', () => {
  expect(checkTracks({ present: [FACE] })).toEqual([FACE]);
});

it.each([
  { tracks: null, reason: 'nothing' },
  { tracks: { present: 1 }, reason: 'no array' },
  { tracks: { present: [{ ...FACE, box: [0, 0, NaN, 2] }] }, reason: 'a box that is none' },
  { tracks: { present: [{ ...FACE, trackId: '1' }] }, reason: 'an identity that is no number' },
])('refuses $reason', ({ tracks }) => {
  expect(() => checkTracks(tracks)).toThrow(expect.objectContaining({ code: 'faces-invalid' }) as Error);
});
