import type { Response } from 'express';

const BOUNDARY = 'frame';

/** Most browsers at a time: each may have one picture waiting, some 100 KB, and the page is often open to all. */
export const MOST_CLIENTS = 100;

/** Browsers that watch a stream of JPEG pictures. One that is slow misses pictures; nobody waits for it. */
export class StreamClients {
  readonly #clients = new Set<Response>();

  get count(): number {
    return this.#clients.size;
  }

  /** Begins the stream to one more browser; one too many is told so. */
  add(response: Response): void {
    if (this.#clients.size >= MOST_CLIENTS) {
      response.status(503).set('Retry-After', '10').type('text').send('Too many viewers.');
      return;
    }
    response.writeHead(200, {
      'Content-Type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
      'Cache-Control': 'no-store',
      Connection: 'close',
    });
    response.flushHeaders(); // the first picture may be long in coming
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
  }

  /** Sends a picture to all browsers, or to one, that have taken the one before. */
  send(jpeg: Buffer, only?: Response): void {
    const head = `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
    for (const client of this.#clients) {
      if ((only !== undefined && client !== only) || client.writableNeedDrain) continue;
      client.cork(); // one packet where it fits
      client.write(head);
      client.write(jpeg);
      client.write('\r\n');
      client.uncork();
    }
  }

  /** Ends all streams. */
  close(): void {
    for (const client of this.#clients) client.destroy();
    this.#clients.clear();
  }
}
