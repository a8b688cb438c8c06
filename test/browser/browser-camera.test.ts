import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHROMIUM_REASON, hasChromium, launchChromium } from '../support/chromium';
import { freePort, makeUserDir, type RunningNodeRed, startNodeRed } from '../support/node-red';
import { describeWhere, SHARED } from '../support/requires';

const WALK = path.join(SHARED, 'videos/fakecam_walk_480x270.mjpeg');

describeWhere(hasChromium && existsSync(WALK), `${CHROMIUM_REASON}, or the videos are not here`)(
  'the browser camera, with a real browser and people who walk before its camera',
  () => {
    const wire = (id: string, type: string, config: object) => ({
      id,
      type,
      z: 'tab',
      x: 1,
      y: 1,
      ...config,
    });
    const flows = [
      { id: 'tab', type: 'tab', label: 'Test' },
      wire('phone', 'camera-input', {
        ...{ source: 'browser', browserPath: '/phone', start: 'deploy' },
        ...{ framesPerSecond: '10', width: '480', height: '360', wires: [['detect']] },
      }),
      // The faces go back to the page, and to a view that tells what arrives.
      wire('detect', 'mtcnn-detect', {
        ...{ image: 'payload', result: 'payload', minFaceSize: '24', whenBusy: 'latest' },
        wires: [['phone', 'view']],
      }),
      wire('view', 'face-view', { path: '/view', inEditor: false, wires: [] }),
    ];
    let nodeRed: RunningNodeRed;
    let browser: Browser;
    let page: Page;
    let port: number;
    let userDir: string;
    let query: string;

    const start = async () => {
      nodeRed = await startNodeRed({ userDir, flows, port });
    };
    const faces = async () => Number(await page.locator('#boxes').getAttribute('data-faces'));

    beforeAll(async () => {
      port = await freePort();
      userDir = makeUserDir();
      await start();
      const link = await fetch(`${nodeRed.url}/mtcnn/camera-link/phone`);
      ({ query } = (await link.json()) as { query: string });
      browser = await launchChromium(
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-video-capture=${WALK}`,
        '--host-resolver-rules=MAP camera.test 127.0.0.1',
      );
      page = await browser.newPage({ viewport: { width: 390, height: 780 } });
      await page.goto(`http://127.0.0.1:${port}/phone${query}`);
    });
    afterAll(async () => {
      await browser.close();
      await nodeRed.stop();
    });

    it('sends its pictures, and shows the faces that the flow sends back', async () => {
      await expect.poll(faces, { timeout: 30_000 }).toBeGreaterThan(0);
      await expect.poll(() => page.locator('#line').textContent()).toMatch(/^sending · \d+ fps$/);
      const view = (await (await fetch(`${nodeRed.url}/view/faces.json`)).json()) as {
        width: number;
        height: number;
        frame: { source: string };
      };
      expect(view.frame.source).toMatch(/^browser \w+$/);
      expect([view.width, view.height]).toEqual([480, 270]);
    });

    it('fits the width of a phone', async () => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(390);
      const button = await page.locator('#toggle').boundingBox();
      expect(button?.height).toBeGreaterThanOrEqual(44);
    });

    it('stops and starts by its button', async () => {
      await page.locator('#toggle').click();
      await expect.poll(() => page.locator('#toggle').textContent()).toBe('Start');
      await page.locator('#toggle').click();
      await expect.poll(() => page.locator('#line').textContent()).toMatch(/^sending/);
    });

    it('shows no faces while Node-RED is gone, and connects again by itself', async () => {
      await expect.poll(faces, { timeout: 30_000 }).toBeGreaterThan(0);
      await nodeRed.stop({ keep: true });
      await expect.poll(() => page.locator('#notice').textContent()).toContain('Connection lost');
      expect(await faces()).toBe(0);
      await start();
      await expect.poll(faces, { timeout: 30_000 }).toBeGreaterThan(0);
      expect(await page.locator('#notice').textContent()).toBe('');
    });

    it('says why a page without HTTPS gets no camera', async () => {
      const other = await browser.newPage();
      await other.goto(`http://camera.test:${port}/phone${query}`);
      await expect.poll(() => other.locator('#notice').textContent()).toContain('HTTPS');
      await other.close();
    });
  },
);
