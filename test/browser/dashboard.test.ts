import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { CHROMIUM_REASON, hasChromium, launchChromium } from '../support/chromium';
import { ROOT, type RunningNodeRed, startNodeRed } from '../support/node-red';
import { describeWhere } from '../support/requires';

// The example on a FlowFuse dashboard, as users see it: in a browser, served by a real Node-RED.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeWhere(hasChromium, CHROMIUM_REASON)('the dashboard', () => {
  let nodeRed: RunningNodeRed;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    const flows = JSON.parse(readFileSync(path.join(ROOT, 'examples/dashboard.json'), 'utf8')) as unknown[];
    nodeRed = await startNodeRed({ flows });
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${nodeRed.url}/dashboard/faces`);
  });
  afterAll(async () => {
    await browser.close();
    await nodeRed.stop();
  });

  const faces = () => page.locator('.faces-now .nrdb-ui-text-value').innerText();

  it('shows the live picture with its faces', async () => {
    await page.waitForFunction(
      () => document.querySelector<HTMLImageElement>('.faces-live')?.naturalWidth === 640,
    );
  });

  it('counts them, now and over time', async () => {
    await expect.poll(faces).toMatch(/^[1-4]$/);
    // A canvas without a chart has one colour alone.
    const drawn = () =>
      page
        .locator('canvas')
        .first()
        .evaluate((canvas: HTMLCanvasElement) => canvas.width > 0 && canvas.height > 0);
    await expect.poll(drawn).toBe(true);
  });

  it('lists who appeared, each with a picture', async () => {
    const picture = page.locator('.faces-alerts img').first();
    await picture.waitFor({ timeout: 30_000 });
    const width = () => picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width).toBeGreaterThan(20);
    expect(await page.locator('.faces-alerts li').first().innerText()).toMatch(/^room · \d/);
  });

  it('shows how long those stayed who left', async () => {
    await expect.poll(() => page.locator('canvas').count()).toBe(2);
  });

  it('finds less when the smallest face is larger, and again all', async () => {
    const thumb = page.locator('.v-slider-thumb').nth(1);
    await thumb.focus();
    await page.keyboard.press('End');
    await expect.poll(faces).toBe('0');
    await thumb.focus();
    await page.keyboard.press('Home');
    await expect.poll(faces).not.toBe('0');
  });

  it('takes another camera, and stops it', async () => {
    const address = page.locator('input[type=text]');
    await address.fill(path.join(ROOT, 'test/photos/astronaut.png'));
    await address.press('Enter');
    await expect.poll(faces).toBe('1');
    await page.getByRole('button', { name: 'Stop' }).click();
    const shown = async () =>
      (await (await fetch(`${nodeRed.url}/faces-live/faces.json`)).json()) as { timestamp: number };
    let before = -1;
    await expect
      .poll(
        async () => {
          const { timestamp } = await shown();
          const still = timestamp === before;
          before = timestamp;
          return still;
        },
        { interval: 1000 },
      )
      .toBe(true);
  });

  it('has no error in the browser', () => {
    expect(problems).toEqual([]);
  });
});
