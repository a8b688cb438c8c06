import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningNodeRed, ROOT, startNodeRed } from '../support/node-red';
import { CHROMIUM_REASON, hasChromium, launchChromium } from '../support/chromium';
import { describeWhere } from '../support/requires';

const QUICK_START = readFileSync(path.join(ROOT, 'examples/quick-start.json'), 'utf8');

/** What of the editor's own programming interface is called here. */
interface EditorGlobals {
  RED: {
    view: { importNodes(nodes: unknown, options: object): void };
    workspaces: { show(id: string): void };
  };
}

const NODES = [
  { type: 'camera-input', number: 'framesPerSecond', outside: '500' },
  { type: 'mtcnn-detect', number: 'minFaceSize', outside: '1' },
  { type: 'face-filter', number: 'minSize', outside: '-5' },
  { type: 'face-track', number: 'hiddenSeconds', outside: '99' },
  { type: 'face-alert', number: 'presentSeconds', outside: '-1' },
  { type: 'face-crop', number: 'margin', outside: '9' },
  { type: 'face-annotate', number: 'lineWidth', outside: '99' },
  { type: 'face-view', number: 'width', outside: '5' },
];

describeWhere(hasChromium, CHROMIUM_REASON)('the editor in a browser', () => {
  let nodeRed: RunningNodeRed;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    nodeRed = await startNodeRed({ flows: [{ id: 'tab0000000000001', type: 'tab', label: 'Test' }] });
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(nodeRed.url);
    await page.locator('.red-ui-palette-node[data-palette-type="camera-input"]').waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await nodeRed.stop();
  });

  const openDialog = async (label: string) => {
    await page.locator('.red-ui-flow-node-group', { hasText: label }).last().dblclick();
    // The editor moves the focus into the dialog once it has slid in.
    await page.waitForFunction(() => document.activeElement?.closest('.red-ui-tray') != null);
  };
  const done = async () => {
    await page.locator('#node-dialog-ok, #node-config-dialog-ok').last().click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
  };
  /** A click while the editor moves its tabs is taken for the beginning of a drag: clicked until it holds. */
  const showTab = (label: string) =>
    expect
      .poll(async () => {
        await page.locator('.red-ui-tab-label', { hasText: label }).click();
        return page.locator('#red-ui-workspace-tabs .red-ui-tab.active').innerText();
      })
      .toContain(label);
  const deploy = async () => {
    const deployed = page.waitForResponse(
      (response) => response.url().endsWith('/flows') && response.request().method() === 'POST',
    );
    await page.locator('#red-ui-header-button-deploy').click();
    expect((await deployed).ok()).toBe(true);
  };

  it.each(NODES)('$type: is dragged in, opened, edited, saved', async ({ type, number, outside }) => {
    const index = NODES.findIndex((node) => node.type === type);
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.dragTo(page.locator('#red-ui-workspace-chart'), {
      targetPosition: { x: 250, y: 60 + 70 * index },
    });
    const label = type === 'camera-input' ? 'test scene' : type.replace('-', ' ');
    await openDialog(label);

    // Short first: what is advanced is folded.
    const advanced = page.locator('.red-ui-tray .mtcnn-advanced');
    expect(await advanced.getAttribute('open')).toBeNull();
    await advanced.locator('summary').press('Enter');
    await expect.poll(() => advanced.getAttribute('open')).not.toBeNull();

    const field = page.locator(`#node-input-${number}`);
    const before = await field.inputValue();
    await field.fill(outside);
    await field.press('Tab'); // the editor validates when a key is released
    await page.locator('.red-ui-tray .input-error').first().waitFor();
    await field.fill(before);
    await field.press('Tab');
    await page.locator('.red-ui-tray .input-error').waitFor({ state: 'detached' });

    await page.locator('#node-input-name').fill(`my ${type}`);
    await done();
    await page
      .locator('.red-ui-flow-node-label', { hasText: `my ${type}` })
      .last()
      .waitFor();
  });

  it('every text of a dialog is translated', async () => {
    for (const { type } of NODES) {
      await openDialog(`my ${type}`);
      const words = await page.locator('.red-ui-tray').innerText();
      expect(words).not.toMatch(/(camera-input|mtcnn-detect|face-\w+)\./);
      await page.locator('#node-dialog-cancel').click();
      await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    }
  });

  it.each([
    { source: 'scene', shows: ['framesPerSecond', 'width'], hides: ['address', 'device', 'path'] },
    { source: 'webcam', shows: ['device', 'resize'], hides: ['address', 'path', 'width'] },
    { source: 'rtsp', shows: ['address', 'username', 'password'], hides: ['device', 'path', 'width'] },
    { source: 'http', shows: ['address', 'framesPerSecond'], hides: ['resize', 'width', 'path'] },
    { source: 'browser', shows: ['browserPath', 'width'], hides: ['address', 'device'] },
    { source: 'watch', shows: ['path'], hides: ['framesPerSecond', 'address'] },
  ])('camera input: $source shows the fields that it needs', async ({ source, shows, hides }) => {
    await openDialog('my camera-input');
    await page.locator('#node-input-source').selectOption(source);
    for (const name of shows) expect(await page.locator(`#node-input-${name}`).isVisible(), name).toBe(true);
    for (const name of hides) expect(await page.locator(`#node-input-${name}`).isVisible(), name).toBe(false);
    if (source === 'browser') {
      await expect.poll(() => page.locator('#mtcnn-link').getAttribute('href')).toMatch(/\/camera\?token=/);
    }
    await page.locator('#node-dialog-cancel').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
  });

  it('camera input: a password in the address is moved to the credentials', async () => {
    await openDialog('my camera-input');
    await page.locator('#node-input-source').selectOption('rtsp');
    await page.locator('#node-input-address').fill('rtsp://jo:pass%2Fword@127.0.0.1:1/live');
    await done();
    await openDialog('my camera-input');
    expect(await page.locator('#node-input-address').inputValue()).toBe('rtsp://127.0.0.1:1/live');
    expect(await page.locator('#node-input-username').inputValue()).toBe('jo');
    await page.locator('#node-input-source').selectOption('scene');
    await done();
  });

  it('camera input: a second output appears where states are asked for, and goes again', async () => {
    const ports = () =>
      page
        .locator('.red-ui-flow-node-group', { hasText: 'my camera-input' })
        .locator('.red-ui-flow-port-output')
        .count();
    for (const outputs of ['2', '1']) {
      await openDialog('my camera-input');
      await page.locator('.red-ui-tray .mtcnn-advanced summary').click();
      await page.locator('#node-input-outputs').selectOption(outputs);
      await done();
      await expect.poll(ports).toBe(Number(outputs));
    }
  });

  it('mtcnn detect: sensitivity sets the three thresholds, and a detector can be added', async () => {
    await openDialog('my mtcnn-detect');
    await page.locator('#mtcnn-sensitivity').fill('6');
    expect(await page.locator('#node-input-thresholdPnet').inputValue()).toBe('0.4');
    await page.locator('.red-ui-tray .mtcnn-advanced summary').click();
    await page.locator('#node-input-thresholdOnet').fill('0.33');
    expect(await page.locator('#mtcnn-custom').innerText()).toContain('own');
    await page.locator('#mtcnn-sensitivity').fill('2');
    await page.locator('#mtcnn-sensitivity').fill('3');
    expect(await page.locator('#node-input-thresholdOnet').inputValue()).toBe('0.7');
    await page.locator('#node-input-btn-detector-add, #node-input-lookup-detector').last().click();
    await page.locator('#node-config-input-engine').waitFor();
    await page.locator('#node-config-input-processes').fill('2');
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('#node-config-input-engine').waitFor({ state: 'detached' });
    await done();
  });

  it('deploys what was dragged in', async () => {
    await deploy();
    await page.locator('.red-ui-flow-node-status-label', { hasText: /fps · 640×480/ }).waitFor();
  });

  it('the help of every node is there', async () => {
    for (const { type } of NODES) {
      const help = await page.evaluate((name) => {
        const element = document.querySelector(`script[data-help-name="${name}"]`);
        return element?.textContent ?? '';
      }, type);
      expect(help, type).toMatch(/^\s*<p>/);
    }
  });

  it('the quick start shows faces below face view and at its page', async () => {
    await page.locator('#red-ui-workspace-chart').click({ position: { x: 700, y: 700 } });
    await page.evaluate((flow) => {
      const { RED } = globalThis as unknown as EditorGlobals;
      RED.view.importNodes(JSON.parse(flow), { generateIds: false, addFlow: false });
    }, QUICK_START);
    await showTab('Quick start');
    await deploy();
    const status = page.locator('.red-ui-flow-node-status-label', {
      hasText: /[2-4] faces · \d+ ms · (wasm|native)/,
    });
    await status.waitFor();
    const picture = page.locator('.mtcnn-view');
    await picture.waitFor({ state: 'attached' });
    await expect.poll(() => picture.getAttribute('href')).toMatch(/^data:image\/jpeg;base64,/);
    if (process.env['UPDATE_SCREENSHOTS'] === '1') {
      await page
        .locator('.red-ui-flow-node-status-label', { hasText: /4 faces/ })
        .first()
        .waitFor();
      await page.screenshot({
        path: path.join(ROOT, 'docs/images/quick-start.png'),
        clip: { x: 180, y: 48, width: 900, height: 560 },
      });
    }

    const view = await browser.newPage({ viewport: { width: 390, height: 700 } });
    view.on('pageerror', (error) => problems.push(error.message));
    await view.goto(`${nodeRed.url}/faces`);
    await view.locator('#line', { hasText: /\d faces · [\d.]+ fps · \d+ ms/ }).waitFor();
    await view.waitForFunction(() => document.querySelector('img')?.naturalWidth === 640);
    if (process.env['UPDATE_SCREENSHOTS'] === '1') {
      await view.setViewportSize({ width: 800, height: 640 });
      await view.screenshot({ path: path.join(ROOT, 'docs/images/view-page.png') });
    }
    await view.close();
  });

  it('live tuning: the picture shows at once what other values find; Cancel changes nothing', async () => {
    await page
      .locator('.red-ui-flow-node-group', { hasText: /mtcnn detect/ })
      .first()
      .dblclick();
    await page.waitForFunction(() => document.activeElement?.closest('.red-ui-tray') != null);
    await page.locator('.mtcnn-tuning summary').click();
    const found = () => page.locator('.mtcnn-tuning-picture').getAttribute('data-faces');
    await expect.poll(found).toMatch(/^[2-4]$/);
    expect(await page.locator('#mtcnn-tuning-line').innerText()).toMatch(
      /^P-Net \d+ → R-Net \d+ → O-Net \d · \d+ ms · (wasm|native)$/,
    );
    await page.locator('#mtcnn-freeze').click();
    await page.locator('#node-input-minFaceSize').fill('300');
    await expect.poll(found).toBe('0');
    await page.locator('#mtcnn-reset').click();
    await expect.poll(found).toMatch(/^[2-4]$/);

    // What a threshold just rejects is dashed, and says by which stage.
    await page.locator('.mtcnn-advanced summary').click();
    await page.locator('#node-input-thresholdOnet').fill('0.999');
    const rejected = page.locator('.mtcnn-tuning-rejected-label');
    await expect.poll(() => rejected.count()).toBeGreaterThan(0);
    expect(await rejected.first().textContent()).toMatch(/^O-Net \d+%$/);
    if (process.env['UPDATE_SCREENSHOTS'] === '1')
      await page.locator('.mtcnn-tuning').screenshot({ path: path.join(ROOT, 'docs/images/tuning.png') });
    await page.locator('#mtcnn-reset').click();
    await expect.poll(found).toMatch(/^[2-4]$/);
    await page.locator('#mtcnn-upload').setInputFiles(path.join(ROOT, 'test/photos/astronaut.png'));
    await expect.poll(found).toBe('1');
    await page.locator('#node-dialog-cancel').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    expect(await page.locator('#red-ui-header-button-deploy').getAttribute('class')).toContain('disabled');
  });

  it('zones are drawn with the mouse, and kept as shares', async () => {
    await showTab('Test');
    await openDialog('my face-filter');
    const frame = page.locator('.mtcnn-zone-picture');
    const { width, height } = (await frame.boundingBox())!;
    await page.locator('#mtcnn-zone-exclude').click();
    for (const [x, y] of [
      [0.1, 0.1],
      [0.5, 0.1],
      [0.5, 0.9],
    ] as const) {
      // Waits until the dialog has come to rest.
      await frame.click({ position: { x: x * width, y: y * height } });
    }
    await page.locator('#mtcnn-zone-close').click();
    const kept = JSON.parse(await page.locator('#node-input-zones').inputValue()) as {
      kind: string;
      points: number[][];
    }[];
    expect(kept).toHaveLength(1);
    expect(kept[0]?.kind).toBe('exclude');
    for (const [i, value] of [0.1, 0.1, 0.5, 0.1, 0.5, 0.9].entries()) {
      expect(kept[0]?.points.flat()[i]).toBeCloseTo(value, 1);
    }
    await page.locator('#mtcnn-zone-undo').click();
    expect(await page.locator('#node-input-zones').inputValue()).toBe('');
    await page.locator('#node-dialog-cancel').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    await showTab('Quick start');
  });

  const view = () => page.locator('#quickview0000001 rect.red-ui-flow-node');
  const picture = () => page.locator('#quickview0000001 .mtcnn-view');

  it('the picture hangs below its node wherever that goes, goes with it and comes again with it', async () => {
    const before = (await picture().boundingBox())!;
    const { x, y } = (await view().boundingBox())!;
    await page.mouse.move(x + 40, y + 15);
    await page.mouse.down();
    await page.mouse.move(x + 40, y + 115, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => (await picture().boundingBox())!.y).toBeGreaterThan(before.y + 50);
    const node = (await view().boundingBox())!;
    const below = (await picture().boundingBox())!;
    expect(Math.abs(below.x - node.x)).toBeLessThan(3); // a box includes its outline
    expect(below.y).toBeGreaterThan(node.y + node.height);
    expect(below.width / below.height).toBeCloseTo(640 / 480, 2);

    // What was dragged is selected. A click on it would count as the second of a double click.
    await page.keyboard.press('Delete');
    await picture().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await picture().waitFor({ state: 'attached' });
  });

  it('the picture comes back with its tab', async () => {
    // Not by mouse: two clicks on tabs in a short time count as a double click.
    const showTab = (id: string) =>
      page.evaluate((tab) => {
        const { RED } = globalThis as unknown as EditorGlobals;
        RED.workspaces.show(tab);
      }, id);
    await showTab('tab0000000000001');
    await picture().waitFor({ state: 'detached' });
    await showTab('quickstarttab0');
    await picture().waitFor({ state: 'attached' });
  });

  it('a view that is switched off takes its picture away', async () => {
    await view().dblclick();
    await page.locator('#node-input-inEditor').uncheck();
    await done();
    await picture().waitFor({ state: 'detached' }); // already before it is deployed
    await deploy();
    expect(await picture().count()).toBe(0);
  });

  it('logs no error in the browser', () => {
    expect(problems).toEqual([]);
  });
});
