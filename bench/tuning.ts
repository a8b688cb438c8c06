/**
 * Live tuning as a user sees it: in a browser, from moving the slider to the new boxes, while the flow runs.
 *
 *   node dist/bench/tuning.js [--engine wasm|native] [--moves 40] [--rate 10]
 *
 * Needs chromium. The flow is the quick start: a drawn scene of 640 x 480 pixels, `--rate` times a second: at ten
 * the flow alone keeps a WebAssembly process busy, and a move waits for the picture that is being searched.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { messageOf } from '../src/errors';
import { ROOT, startNodeRed } from './start-node-red';

/** Waits in ms between two moves: longer than an answer takes. */
const PAUSE_MS = 500;

async function measure(engine: string, moves: number, rate: number): Promise<void> {
  const flow = JSON.parse(readFileSync(path.join(ROOT, 'examples/quick-start.json'), 'utf8')) as {
    type: string;
    detector?: string;
    framesPerSecond?: number;
  }[];
  const detector = { id: 'tuningdetector01', type: 'mtcnn-detector', engine, processes: 1, timeout: 30 };
  for (const node of flow) {
    if (node.type === 'mtcnn-detect') node.detector = detector.id;
    if (node.type === 'camera-input') node.framesPerSecond = rate;
  }
  const nodeRed = await startNodeRed({ flows: [...flow, detector] });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1300, height: 950 } });
    await page.goto(nodeRed.url);
    await page.locator('.red-ui-flow-node-status-label', { hasText: /(wasm|native)$/ }).waitFor();
    await page
      .locator('.red-ui-flow-node-group', { hasText: /mtcnn detect/ })
      .first()
      .dblclick();
    await page.locator('.mtcnn-tuning summary').click();
    await page.locator('.mtcnn-tuning-picture[data-faces]').waitFor();
    await page.locator('#mtcnn-freeze').click();
    const times: number[] = [];
    for (let move = 0; move < moves; move++) {
      await page.waitForTimeout(PAUSE_MS);
      times.push(await page.evaluate(moveSlider, move % 2 === 0 ? '5' : '3'));
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))]!);
    console.log(JSON.stringify({ engine, rate, moves, p50Ms: at(0.5), p95Ms: at(0.95), longestMs: at(1) }));
  } finally {
    await browser.close();
    await nodeRed.stop();
  }
}

/** Runs in the page: moves the slider, and waits until the picture is drawn anew. */
async function moveSlider(value: string): Promise<number> {
  const slider = document.querySelector<HTMLInputElement>('#mtcnn-sensitivity')!;
  const picture = document.querySelector('.mtcnn-tuning-picture')!;
  const begin = performance.now();
  const drawn = new Promise<void>((resolve) => {
    new MutationObserver((_changes, observer) => {
      observer.disconnect();
      resolve();
    }).observe(picture, { childList: true });
  });
  slider.value = value;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  await drawn;
  return performance.now() - begin;
}

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'wasm' },
    moves: { type: 'string', default: '40' },
    rate: { type: 'string', default: '10' },
  },
});
measure(values.engine, Number(values.moves), Number(values.rate)).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
