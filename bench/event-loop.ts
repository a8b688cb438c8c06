/**
 * Event-loop delay of the Node-RED process while a detector works at full load.
 *
 *   node dist/bench/event-loop.js [--seconds N]
 *
 * Starts the project's Node-RED with the quick-start flow at 30 frames a second, far more than one detector can do, and
 * measures inside that process. The last line is JSON: `{p50Ms, p99Ms, maxMs, seconds}`.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, startNodeRed } from './start-node-red';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' } },
});

/** Preloaded into Node-RED: measures from the first frames on, and tells when asked to end. */
const MONITOR = `
const { monitorEventLoopDelay } = require('node:perf_hooks');
const delay = monitorEventLoopDelay({ resolution: 1 });
process.once('message', () => delay.enable());
process.on('SIGINT', () => {
  const ms = (value) => Number((value / 1e6).toFixed(2));
  console.log('DELAY ' + JSON.stringify({ p50Ms: ms(delay.percentile(50)), p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max) }));
});`;

async function measure(): Promise<void> {
  const flow = readFileSync(path.join(ROOT, 'examples/quick-start.json'), 'utf8');
  const fast = flow.replace('"framesPerSecond": 10', '"framesPerSecond": 30');
  const nodeRed = await startNodeRed({ flows: JSON.parse(fast) as object[], preload: MONITOR });
  const detecting = async () => {
    const answer = await fetch(`${nodeRed.url}/faces/faces.json`).catch(() => undefined);
    return answer?.ok === true && (await answer.text()).includes('"detection"');
  };
  while (!(await detecting())) await new Promise((resolve) => setTimeout(resolve, 200));
  nodeRed.process.send('begin');
  await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
  await nodeRed.stop();
  const told = /DELAY (.*)/.exec(nodeRed.log())?.[1];
  if (told === undefined) throw new Error(`Node-RED told nothing:\n${nodeRed.log()}`);
  console.log(JSON.stringify({ ...(JSON.parse(told) as object), seconds: Number(values.seconds) }));
}

measure().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
