import { expect, it } from 'vitest';
import { headerPixels } from '../../src/image/header-size';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

it.each([
  { what: 'PNG', file: '89504e470d0a1a0a 0000000d 49484452 00007530 00007530', pixels: 900_000_000 },
  {
    what: 'JPEG, behind another segment',
    file: 'ffd8 ffe0 0004 0000 ffc2 000b 08 ffff 0002',
    pixels: 131_070,
  },
  { what: 'GIF', file: '474946383961 ffff 0200', pixels: 131_070 },
  { what: 'BMP, top row first', file: `424d ${'00'.repeat(16)} 03000000 feffffff`, pixels: 6 },
  {
    what: 'TIFF, little-endian',
    file: '49492a00 08000000 0200 0001 0400 01000000 30750000 0101 0300 01000000 02000000 00000000',
    pixels: 60_000,
  },
  {
    what: 'TIFF whose directories form a circle',
    file: '4d4d002a 00000008 0001 0100 0004 00000001 00007530 00000008',
    pixels: 0,
  },
  { what: 'a file that is cut off', file: '89504e47', pixels: undefined },
  { what: 'another format', file: '00000000', pixels: undefined },
])('$what', ({ file, pixels }) => {
  expect(headerPixels(hex(file))).toBe(pixels);
});
