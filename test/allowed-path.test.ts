import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allowedPath, isInside } from '../src/allowed-path';

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'allowed-')));
const at = (...names: string[]) => path.join(root, ...names);
for (const folder of ['pictures/door', 'pictures-evil', 'other']) mkdirSync(at(folder), { recursive: true });
for (const file of [
  'pictures/1.jpg',
  'pictures/door/2.jpg',
  'pictures/..3.jpg',
  'pictures-evil/4.jpg',
  'other/5.jpg',
])
  writeFileSync(at(file), 'x');
symlinkSync(at('other'), at('pictures/out'));
symlinkSync(at('other/5.jpg'), at('pictures/5.jpg'));
symlinkSync(at('pictures/door'), at('pictures/in'));
symlinkSync(at('pictures'), at('link'));
symlinkSync(at('none'), at('pictures/broken.jpg'));
afterAll(() => rmSync(root, { recursive: true }));

const NOT_ALLOWED = expect.objectContaining({ code: 'path-not-allowed' }) as Error;

describe('allowedPath', () => {
  it.each([
    { place: at('pictures/1.jpg'), real: at('pictures/1.jpg'), reason: 'a file' },
    { place: at('pictures'), real: at('pictures'), reason: 'the folder itself' },
    { place: at('pictures/door/2.jpg'), real: at('pictures/door/2.jpg'), reason: 'below' },
    { place: at('other/../pictures/1.jpg'), real: at('pictures/1.jpg'), reason: 'out and back in' },
    { place: path.relative('.', at('pictures/1.jpg')), real: at('pictures/1.jpg'), reason: 'relative' },
    { place: at('pictures/..3.jpg'), real: at('pictures/..3.jpg'), reason: 'a name that begins with dots' },
    { place: at('pictures/in/2.jpg'), real: at('pictures/door/2.jpg'), reason: 'a link that stays inside' },
    { place: at('link/1.jpg'), real: at('pictures/1.jpg'), reason: 'by the name that the folder was given' },
    { place: at('pictures/none.jpg'), real: at('pictures/none.jpg'), reason: 'missing: its reader tells' },
    { place: at('pictures/broken.jpg'), real: at('pictures/broken.jpg'), reason: 'a link to nothing' },
    { place: at('pictures/*.jpg'), real: at('pictures/*.jpg'), reason: 'a pattern' },
  ])('lets pass $reason', async ({ place, real }) => {
    expect(await allowedPath(place, at('link'))).toBe(real);
  });

  it.each([
    { place: '/etc/passwd', reason: 'another place' },
    { place: '/', reason: 'all there is' },
    { place: at('pictures/../other/5.jpg'), reason: 'two dots' },
    { place: `${at('pictures')}/door/../../other/5.jpg`, reason: 'two dots, deeper' },
    { place: at('pictures-evil/4.jpg'), reason: 'a folder whose name begins the same' },
    { place: at('pictures*/4.jpg'), reason: 'a pattern that would reach such a folder' },
    { place: at('pictures/out/5.jpg'), reason: 'a link to a folder outside' },
    { place: at('pictures/5.jpg'), reason: 'a link to a file outside' },
    { place: at('Pictures/1.jpg'), reason: 'another folder where letters count' },
    { place: at('none.jpg'), reason: 'a file outside that does not exist: nothing is told of it' },
    { place: '1.jpg', reason: 'relative to the working directory, not to the folder' },
    { place: '/dev/stdin', reason: 'a device' },
    { place: '/proc/self/environ', reason: 'what the system tells of the process' },
    { place: `file://${at('other/5.jpg')}`, reason: 'a URL' },
  ])('refuses $reason', async ({ place }) => {
    await expect(allowedPath(place, at('pictures'))).rejects.toEqual(NOT_ALLOWED);
  });

  it('a folder that does not exist allows nothing', async () => {
    await expect(allowedPath(at('none/1.jpg'), at('none'))).rejects.toEqual(NOT_ALLOWED);
  });
});

describe('isInside, with the paths of Windows', () => {
  it.each([
    { place: 'C:\\pictures\\1.jpg', inside: true, reason: 'a file' },
    { place: 'c:\\PICTURES\\1.jpg', inside: true, reason: 'letters do not count' },
    { place: 'C:\\pictures-evil\\1.jpg', inside: false, reason: 'a name that begins the same' },
    { place: 'C:\\windows', inside: false, reason: 'another folder' },
    { place: 'D:\\pictures\\1.jpg', inside: false, reason: 'another drive' },
    { place: '\\\\server\\pictures\\1.jpg', inside: false, reason: 'another machine' },
  ])('$place: $reason', ({ place, inside }) => {
    expect(isInside('C:\\pictures', place, path.win32)).toBe(inside);
  });
});
