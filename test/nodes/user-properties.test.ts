import { expect, it } from 'vitest';
import { readUserProperties, writeUserProperties } from '../../nodes/shared/user-properties';
import type { FaceMessage } from '../../nodes/shared/message';

const frame = {
  sequence: 7,
  timestamp: 1_795_555_989_824,
  width: 640,
  height: 480,
  source: 'test scene',
  run: 'a',
};

/** A message after its way over MQTT: nothing but its user properties are left. */
function travel(message: FaceMessage): FaceMessage {
  writeUserProperties(message);
  const { userProperties } = message;
  const arrived: FaceMessage = userProperties === undefined ? {} : { userProperties };
  readUserProperties(arrived);
  return arrived;
}

it('a frame survives the way out and back', () => {
  expect(travel({ frame }).frame).toEqual(frame);
});

it('properties of others travel beside it', () => {
  const { userProperties } = travel({ frame, userProperties: { room: 'hall' } });
  expect(userProperties).toMatchObject({ room: 'hall', frame: JSON.stringify(frame) });
});

it.each([null, 'text', 7])('%s instead of properties counts as none', (none) => {
  const message = { frame, userProperties: none } as unknown as FaceMessage;
  readUserProperties(message);
  expect(travel(message)).toMatchObject({ frame, userProperties: { frame: JSON.stringify(frame) } });
});

it('a frame that the message has is left', () => {
  const message = { frame, userProperties: { frame: JSON.stringify({ ...frame, sequence: 8 }) } };
  readUserProperties(message);
  expect(message.frame.sequence).toBe(7);
});

it.each([
  { text: 'oak', reason: 'no JSON' },
  { text: 'null', reason: 'no object' },
  { text: '{"sequence": "7"}', reason: 'numbers that are none' },
  { text: JSON.stringify({ ...frame, more: 'x'.repeat(10_000) }), reason: 'too long to be ours' },
])('a property of somebody else by that name is none of ours: $reason', ({ text }) => {
  const message: FaceMessage = { userProperties: { frame: text } };
  readUserProperties(message);
  expect(message).toEqual({ userProperties: { frame: text } });
});

it.each([
  { reason: 'none', frame: null },
  { reason: 'a number that JSON does not know', frame: { ...frame, sequence: 7n } },
  { reason: 'no object', frame: 'text' },
])('a frame that is $reason is left out', ({ frame: odd }) => {
  const message = { frame: odd } as unknown as FaceMessage;
  writeUserProperties(message);
  expect(message.userProperties).toEqual({});
});
