import { expect, it } from 'vitest';
import { redactAddress, redactText } from '../../src/camera/redact';

it.each([
  { address: 'rtsp://jo:pw@camera:554/live', shown: 'rtsp://camera:554/live', reason: 'name and password' },
  { address: 'http://camera/x.jpg?key=abc', shown: 'http://camera/x.jpg', reason: 'a key in the query' },
  { address: 'http://camera/', shown: 'http://camera', reason: 'nothing secret' },
  { address: 'no address', shown: 'no address', reason: 'other text' },
])('redactAddress: $reason', ({ address, shown }) => {
  expect(redactAddress(address)).toBe(shown);
});

it.each([
  { text: 'bad login jo:p&w', shown: 'bad login ***:***', reason: 'as they are' },
  { text: 'rtsp://x/?p=p%26w', shown: 'rtsp://x/?p=***', reason: 'as they stand in an address' },
  { text: 'open rtsp://who:what@camera/1', shown: 'open rtsp://camera/1', reason: 'others in an address' },
])('redactText: $reason', ({ text, shown }) => {
  expect(redactText(text, ['jo', 'p&w', undefined, ''])).toBe(shown);
});

it('redactText: a long word without an end does not take long', () => {
  const word = 'a'.repeat(1e6);
  expect(redactText(word, [])).toBe(word);
});
