import { beforeEach, describe, expect, it } from 'vitest';
import { ANSWER_MS, Books, type Entry } from '../../../../bench/endurance/faults/books';

let now: number;
let books: Books;
beforeEach(() => {
  now = 0;
  books = new Books(() => now);
});

const detect = { node: 'detect', life: 2 };
const sent = (sequence: number, dropped = 0): Entry => ({
  ...{ what: 'sent', node: 'camera', life: 1, frame: `frame ${sequence}`, sequence, dropped },
});
const arrived = (number: number): Entry => ({ what: 'arrived', ...detect, frame: `frame ${number}` });
const done = (number: number, code?: string): Entry => ({
  ...{ what: 'done', ...detect, frame: `frame ${number}`, ...(code === undefined ? {} : { code }) },
});
const found = (number: number, dropped = 0): Entry => ({
  ...{ what: 'found', ...detect, frame: `frame ${number}`, camera: 'camera', takenAt: 0, faces: 1, dropped },
});
const caught = (number: number): Entry => ({
  ...{ what: 'caught', node: 'detect', code: 'detector-crashed', message: '', frame: `frame ${number}` },
});
const closing: Entry = { what: 'closing', ...detect };

const enter = (...entries: Entry[]) => {
  for (const entry of entries) books.enter(entry);
};
const come = (number: number): Entry[] => [sent(number), arrived(number)];

/** What an audit finds a long while later. */
const problems = () => {
  now += 10 * ANSWER_MS;
  return books.audit();
};

describe('a frame is accounted for that is', () => {
  it('found', () => {
    enter(...come(0), found(0), done(0));
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ sent: 1, found: 1 });
  });

  it('dropped, where a later message tells of it', () => {
    enter(...come(0), ...come(1), ...come(2), done(1), found(0), done(0), found(2, 1), done(2));
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ found: 2, dropped: 1 });
  });

  it('refused by a full queue, and caught', () => {
    enter(...come(0), ...come(1), done(1, 'queue-full'), caught(1), found(0), done(0));
    enter(...come(2), found(2, 1), done(2));
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ found: 2, failed: 1 });
  });

  it('failed, and caught', () => {
    enter(...come(0), done(0, 'detector-crashed'), caught(0));
    expect(problems()).toEqual([]);
  });

  it('left out by its camera, which tells of it', () => {
    enter(sent(2, 2), arrived(2), found(2), done(2));
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ sent: 1, leftOut: 2 });
  });

  it('in work when its node is closed', () => {
    enter(...come(0), closing, done(0));
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ ended: 1 });
  });

  it('dropped, where the message that was to tell of it ended with its node', () => {
    enter(...come(0), done(0), ...come(1), ...come(2), closing, done(1), found(2), done(2));
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ found: 1, dropped: 1, ended: 1 });
  });

  it('brought to a node that is closed already', () => {
    enter(...come(0), found(0), done(0), closing);
    now += 1;
    enter(...come(1));
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ found: 1, ended: 1 });
  });

  it('on its way, waiting or in work when Node-RED ends', () => {
    enter(...come(0), sent(1));
    books.end();
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ sent: 2, ended: 2 });
  });

  it('on its way while flows are stopped, whether or not it arrives', () => {
    enter(sent(0), { what: 'stopping' }, sent(1), arrived(1), found(1), done(1), { what: 'started' });
    expect(problems()).toEqual([]);
    expect(books.totals).toMatchObject({ sent: 2, found: 1, ended: 1 });
  });
});

it.each<{ reason: string; entries: Entry[]; problem: string }>([
  { reason: 'it reached no node', entries: [sent(0)], problem: 'reached no node' },
  { reason: 'it got no answer', entries: come(0), problem: 'has not answered 1 frames' },
  {
    reason: 'it got no answer before the node’s end',
    entries: [...come(0), closing],
    problem: 'has not answered 1 frames',
  },
  {
    reason: 'no catch node heard of its error',
    entries: [...come(0), done(0, 'detector-crashed')],
    problem: 'no catch node',
  },
  {
    reason: 'the camera left out others and did not tell',
    entries: [sent(0), arrived(0), found(0), done(0), sent(2), arrived(2), found(2), done(2)],
    problem: 'sent frame 2',
  },
  {
    reason: 'it was dropped, and a message that came after it does not tell',
    entries: [...come(0), done(0), ...come(1), found(1, 0), done(1)],
    problem: 'told of 0 dropped frames only, of 1',
  },
  {
    reason: 'the message that was to tell failed, and no later one tells',
    entries: [
      ...come(0),
      done(0),
      ...come(1),
      done(1, 'detector-crashed'),
      caught(1),
      ...come(2),
      found(2),
      done(2),
    ],
    problem: 'told of 0 dropped frames only, of 1',
  },
  {
    reason: 'one is told of that was not dropped',
    entries: [...come(0), found(0, 1), done(0)],
    problem: 'told of 1 dropped frames of 0',
  },
  {
    reason: 'it was answered twice',
    entries: [...come(0), found(0), done(0), done(0)],
    problem: 'or twice',
  },
])('a frame is a problem where $reason', ({ entries, problem }) => {
  enter(...entries);
  expect(problems()).toEqual([expect.stringContaining(problem)]);
  expect(books.audit(), 'it is told once').toEqual([]);
});

it('a frame whose answer may still come is none', () => {
  enter(...come(0));
  now += ANSWER_MS;
  expect(books.audit()).toEqual([]);
});
