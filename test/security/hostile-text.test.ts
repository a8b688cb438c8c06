import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_REASON, hasChromium, launchChromium } from '../support/chromium';
import { ROOT, type RunningNodeRed, startNodeRed } from '../support/node-red';
import { describeWhere } from '../support/requires';

// Markup in every text that a flow or a message may bring, shown by a real browser.

const PAGES = [
  'resources/editor.js',
  ...readdirSync(path.join(ROOT, 'nodes'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html') && !name.includes('locales'))
    .map((name) => path.join('nodes', name)),
];

describe.each(PAGES)('%s', (file) => {
  it('makes no markup and no program of a text', () => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    expect(
      text.match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.html\(|\beval\(|new Function/g),
    ).toBeNull();
  });
});

/** Says so to the test if it becomes markup, in an element, an attribute or a script. */
const HOSTILE = `"'></script><script>window.obeyed=1</script><img src=x onerror="window.obeyed=1">`;

describeWhere(hasChromium, CHROMIUM_REASON)('a browser that is shown markup as text', () => {
  let nodeRed: RunningNodeRed;
  let browser: Browser;
  let page: Page;
  const wire = (id: string, type: string, config: object) => ({
    id,
    type,
    z: 'tab',
    x: 300,
    y: 90,
    ...config,
  });

  beforeAll(async () => {
    nodeRed = await startNodeRed({
      flows: [
        { id: 'tab', type: 'tab', label: 'Test' },
        wire('camera', 'camera-input', {
          ...{ name: HOSTILE, source: 'scene', framesPerSecond: '5', width: '160', height: '120' },
          ...{ device: HOSTILE, address: HOSTILE, path: HOSTILE, start: 'deploy', wires: [['spoil']] },
        }),
        wire('spoil', 'function', {
          func: `const text = ${JSON.stringify(HOSTILE)};
            msg.frame.source = text;
            msg.topic = text;
            msg.faces = [{ box: [10, 10, 40, 40], confidence: 1, trackId: text, label: text, keypoints: {} }];
            msg.detection = { engine: text, mode: text, durationMs: { total: text }, width: 160, height: 120 };
            return msg;`,
          y: 150,
          wires: [['view']],
        }),
        wire('view', 'face-view', {
          name: HOSTILE,
          path: '/view',
          inEditor: true,
          width: '320',
          y: 210,
          wires: [],
        }),
        wire('filter', 'face-filter', { name: HOSTILE, zones: HOSTILE, y: 400, wires: [[], []] }),
      ],
    });
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  });
  afterAll(async () => {
    await browser.close();
    await nodeRed.stop();
  });

  const obeyed = () => page.evaluate(() => 'obeyed' in window);

  it('on the page of face view', async () => {
    await page.goto(`${nodeRed.url}/view`);
    await expect.poll(() => page.locator('#line').textContent()).toContain('1 face');
    expect(await obeyed()).toBe(false);
    const answer = await fetch(`${nodeRed.url}/view/faces.json`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.text()).toContain('onerror');
  });

  it('in the workspace, its statuses and its dialogs', async () => {
    await page.goto(nodeRed.url);
    await page.locator('.mtcnn-view').waitFor();
    const groups = page.locator('.red-ui-flow-node-group');
    for (const id of ['camera', 'view', 'filter']) {
      await page.locator(`[id="${id}"] rect.red-ui-flow-node`).first().dblclick();
      await page.waitForFunction(() => document.activeElement?.closest('.red-ui-tray') != null);
      await page
        .locator('.red-ui-tray details')
        .evaluateAll((all) => all.forEach((each) => each.setAttribute('open', '')));
      expect(await obeyed(), id).toBe(false);
      await page.locator('#node-dialog-cancel').click();
      await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    }
    expect(await groups.count()).toBe(4);
    expect(await obeyed()).toBe(false);
  });
});
