import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StatusLine } from '../../nodes/shared/status-line';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('shows at most two changes a second, and always the last one', () => {
  const shown: unknown[] = [];
  const status = new StatusLine({ status: (value) => shown.push(value) });
  for (let i = 0; i < 30; i++) {
    status.show({ text: String(i) });
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(1000);
  expect(shown[0]).toEqual({ text: '0' });
  expect(shown.at(-1)).toEqual({ text: '29' });
  expect(shown.length).toBeLessThanOrEqual(8);
});

it('close clears the status, and nothing follows', () => {
  const shown: unknown[] = [];
  const status = new StatusLine({ status: (value) => shown.push(value) });
  status.show({ text: 'a' });
  status.show({ text: 'b' });
  status.close();
  vi.advanceTimersByTime(5000);
  expect(shown).toEqual([{ text: 'a' }, {}]);
});
