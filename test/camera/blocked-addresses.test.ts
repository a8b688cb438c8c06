import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockList, BLOCKED_NETWORKS, resolveAllowed } from '../../src/camera/blocked-addresses';
import { createFrameSource } from '../../src/camera/create-source';
import { descendantsOf } from '../support/processes';
import { collect } from './collect';

const usual = blockList(BLOCKED_NETWORKS);
/** Loopback stands in for a network that is not to be reached: names lead there, and servers can listen. */
const loopback = blockList([...BLOCKED_NETWORKS, '127.0.0.2', '::1']);
const localhost = blockList(['127.0.0.0/8', '::1']);

const BLOCKED = expect.objectContaining({ code: 'camera-address-blocked' }) as Error;

describe.each(['http', 'rtsp'] as const)('%s cameras that a message names', (kind) => {
  it.each([
    { host: '169.254.169.254', reason: 'the metadata of most clouds' },
    { host: '169.254.0.1:8080', reason: 'link-local, with a port' },
    { host: 'jo:pw@169.254.169.254', reason: 'behind a name and password' },
    { host: '2852039166', reason: 'as one number' },
    { host: '0xa9fea9fe', reason: 'as a hexadecimal number' },
    { host: '0251.0376.0251.0376', reason: 'in octal numbers' },
    { host: '169.254.43518', reason: 'with the last two numbers in one' },
    { host: '[::ffff:169.254.169.254]', reason: 'as IPv6' },
    { host: '[::ffff:a9fe:a9fe]', reason: 'as IPv6, in hexadecimal numbers' },
    { host: '[64:ff9b::a9fe:a9fe]', reason: 'through NAT64' },
    { host: '[fe80::1]', reason: 'link-local IPv6' },
    { host: '[fd00:ec2::254]', reason: 'AWS, over IPv6' },
    { host: '100.100.100.200', reason: 'Alibaba' },
    { host: '168.63.129.16', reason: 'Azure' },
  ])('are not reached at $host: $reason', async ({ host }) => {
    const source = createFrameSource({ kind, address: `${kind}://${host}/latest/meta-data`, blocked: usual });
    await expect(collect(source)).rejects.toEqual(BLOCKED);
    expect(descendantsOf(process.pid)).toEqual([]);
  });

  it('are not reached by a name that leads to a blocked address', async () => {
    const source = createFrameSource({ kind, address: `${kind}://localhost/x`, blocked: localhost });
    const problem = await collect(source).catch((error: unknown) => error);
    expect(problem).toEqual(BLOCKED);
    expect(String(problem)).toMatch(/localhost, which is (127\.0\.0\.1|::1)/);
  });
});

describe('a redirection', () => {
  let place = '';
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  let asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.host ?? '');
    if (request.url === '/away') response.writeHead(302, { Location: place }).end();
    else void picture.then((jpeg) => response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(jpeg));
  });
  let port: number;
  beforeAll(async () => {
    server.listen(0); // every address of this machine
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const camera = (blocked = loopback) =>
    createFrameSource({ kind: 'http', address: `http://127.0.0.1:${port}/away`, blocked });

  it.each([
    { to: 'http://169.254.169.254/latest/meta-data', reason: 'another machine' },
    { to: '//127.0.0.2/x.jpg', reason: 'the same protocol' },
    { to: 'http://[::1]/x.jpg', reason: 'IPv6' },
  ])('to $to is not followed: $reason', async ({ to }) => {
    asked = [];
    place = to;
    await expect(collect(camera(), 1)).rejects.toEqual(BLOCKED);
    expect(asked).toEqual([`127.0.0.1:${port}`]);
  });

  it('to a name that leads to a blocked address is not followed', async () => {
    // Asked at 127.0.0.3, which alone is let through.
    place = `http://localhost:${port}/x.jpg`;
    const address = `http://127.0.0.3:${port}/away`;
    const blocked = blockList(['127.0.0.1', '::1']);
    await expect(collect(createFrameSource({ kind: 'http', address, blocked }), 1)).rejects.toEqual(BLOCKED);
  });

  it('to another place is followed', async () => {
    place = '/x.jpg';
    expect(await collect(camera(), 1)).toHaveLength(1);
  });

  it('to no address is a clear error', async () => {
    place = 'http://[';
    await expect(collect(camera(), 1)).rejects.toMatchObject({
      code: 'camera-failed',
      got: 'a redirection to no address',
    });
  });
});

describe('blockList', () => {
  it.each(['10.0.0.0/8', '10.1.2.3', 'fd00::/8', '::1'])('takes %s', (network) => {
    expect(() => blockList([network])).not.toThrow();
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'camera.local', '10.0.0.0/8/8', '10.0.0.0/x', '', 7, null])(
    'refuses %j: a slip must not open a network',
    (network) => {
      expect(() => blockList([network])).toThrow(
        expect.objectContaining({ code: 'option-invalid' }) as Error,
      );
    },
  );
});

it('what is not blocked is resolved', async () => {
  expect(await resolveAllowed('[::1]', usual)).toEqual({ address: '::1', family: 6 });
  expect(await resolveAllowed('127.0.0.1', usual)).toEqual({ address: '127.0.0.1', family: 4 });
});
