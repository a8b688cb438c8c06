import { expect, it } from 'vitest';
// The compiled package: detector processes are programs of their own.
import { SharedDetector } from '../../dist/nodes/shared/detectors';
import { descendantsOf } from '../support/processes';

it('a detector that its last user has left is not started again: nobody would close it', async () => {
  const shared = new SharedDetector(() => ({ engine: 'wasm' }));
  shared.join();
  expect((await shared.get()).pids).toHaveLength(1);
  await shared.leave();
  await expect(shared.get()).rejects.toMatchObject({ code: 'detector-closed' });
  expect(descendantsOf(process.pid)).toEqual([]);
});
