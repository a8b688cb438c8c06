import { expect, it } from 'vitest';
// The compiled package: detector processes are programs of their own.
import { DetectorProcess } from '../../dist/src/detector/detector-process';

it('starts no process once it is closed: nobody would end that', async () => {
  const detector = new DetectorProcess({ engine: 'wasm', deadlineMs: 30_000, processes: 1, environment: {} });
  await detector.close();
  await expect(detector.start()).rejects.toMatchObject({ code: 'detector-closed' });
  expect(detector.pid).toBeUndefined();
});
