import { describe, expect, it } from 'vitest';
import { Presence, type PresenceOptions } from '../../src/tracking/presence';

const OPTIONS = { presentMs: 300, gapMs: 250, absentMs: 500 };

/** Shows counts 100 ms apart; what is raised when, in ms. */
function show(counts: number[], options: Partial<PresenceOptions> = {}): string[] {
  const presence = new Presence({ ...OPTIONS, ...options });
  return counts.flatMap((count, i) =>
    presence.update({ count, timestamp: i * 100 }).map(({ event }) => `${event} at ${i * 100}`),
  );
}
const repeat = (count: number, times: number) => Array.from({ length: times }, () => count);

describe('presence', () => {
  it.each([
    { counts: repeat(1, 10), events: ['appeared at 300'], reason: 'stays: one event' },
    { counts: [1, 1, 0, 0, 0, 1, 1, 0, 0, 0], events: [], reason: 'flickers: none' },
    { counts: [1, 0, 1, 1, 1], events: ['appeared at 300'], reason: 'a short gap does not matter' },
    {
      counts: [...repeat(1, 5), ...repeat(0, 7)],
      events: ['appeared at 300', 'left at 1000'],
      reason: 'is away for longer than the limit: has left',
    },
    {
      counts: [...repeat(1, 5), ...repeat(0, 4), ...repeat(1, 5)],
      events: ['appeared at 300'],
      reason: 'comes back in time: has not left',
    },
  ])('who $reason', ({ counts, events }) => {
    expect(show(counts)).toEqual(events);
  });

  it('can ask for several faces', () => {
    expect(show([...repeat(1, 6), ...repeat(2, 5)], { atLeast: 2 })).toEqual(['appeared at 900']);
  });

  it('reminds while somebody is there', () => {
    expect(show(repeat(1, 13), { reminderMs: 400 })).toEqual([
      'appeared at 300',
      'still-there at 700',
      'still-there at 1100',
    ]);
  });

  it('cools down after somebody has left', () => {
    const counts = [...repeat(1, 4), ...repeat(0, 6), ...repeat(1, 20)];
    expect(show(counts, { coolDownMs: 1_000 })).toEqual([
      'appeared at 300',
      'left at 900',
      'appeared at 1900',
    ]);
  });

  it('tells the best picture so far, the most faces, and how long they stayed', () => {
    const presence = new Presence<string>(OPTIONS);
    const sightings = [
      { count: 1, score: 0.5, picture: 'first' },
      { count: 2, score: 0.9, picture: 'best' },
      { count: 1, score: 0.7, picture: 'third' },
      { count: 1, score: 0.6, picture: 'fourth' },
    ];
    const events = sightings.flatMap((sighting, i) => presence.update({ ...sighting, timestamp: i * 100 }));
    expect(events).toEqual([
      { event: 'appeared', count: 2, since: 0, durationMs: 300, picture: 'best', score: 0.9 },
    ]);
    expect(presence.state).toEqual({ present: true, count: 1, since: 0 });
    expect(presence.tick(900)).toMatchObject([{ event: 'left', since: 0, until: 300, durationMs: 300 }]);
    expect(presence.state).toEqual({ present: false, count: 0 });
  });

  it('notices by the clock alone that a camera shows nobody any more', () => {
    const presence = new Presence(OPTIONS);
    for (let i = 0; i < 5; i++) presence.update({ count: 1, timestamp: i * 100 });
    expect(presence.tick(800)).toEqual([]);
    expect(presence.tick(1_000)).toMatchObject([{ event: 'left' }]);
    expect(presence.tick(2_000)).toEqual([]);
  });

  it('begins anew when time runs backwards, and says that who was there has left', () => {
    const presence = new Presence(OPTIONS);
    for (let i = 0; i < 5; i++) presence.update({ count: 1, timestamp: 10_000 + i * 100 });
    expect(presence.update({ count: 1, timestamp: 0 })).toMatchObject([{ event: 'left' }]);
    expect(presence.state.present).toBe(false);
  });

  it('made anew raises nothing that has not stayed anew', () => {
    expect(new Presence(OPTIONS).update({ count: 3, timestamp: 0 })).toEqual([]);
  });

  it('refuses options out of range', () => {
    expect(() => new Presence({ atLeast: 0 })).toThrow(
      expect.objectContaining({ code: 'option-invalid' }) as Error,
    );
  });
});
