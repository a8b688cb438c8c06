import { describe, expect, it } from 'vitest';
import { readAddress, sourceOf } from '../../src/camera/address';

const HTTP = ['http:', 'https:'];

describe('readAddress', () => {
  it('takes name and password out of the address', () => {
    const { url, ...login } = readAddress({ address: 'http://jo%40x:p%2Fw@camera:81/a?b=c' }, HTTP);
    expect(url.href).toBe('http://camera:81/a?b=c');
    expect(login).toEqual({ username: 'jo@x', password: 'p/w' });
  });

  it('those given beside the address win', () => {
    expect(readAddress({ address: 'http://a:b@camera/', username: 'c', password: 'd' }, HTTP)).toMatchObject({
      username: 'c',
      password: 'd',
    });
  });

  it('a password with a lone % is taken as it was typed', () => {
    expect(readAddress({ address: 'http://jo:100%@camera/' }, HTTP)).toMatchObject({ password: '100%' });
  });

  it.each([
    { address: '', reason: 'nothing' },
    { address: 'camera/stream', reason: 'no protocol' },
    { address: 'file:///etc/passwd', reason: 'a file' },
    { address: 'rtsp://camera/1', reason: 'another protocol' },
    { address: 'ftp://jo:secret@camera/', reason: 'another protocol, with a password that must not be told' },
  ])('refuses $reason', ({ address }) => {
    const problem = (() => {
      try {
        readAddress({ address }, HTTP);
      } catch (error) {
        return error as Error;
      }
      return undefined;
    })();
    expect(problem).toMatchObject({ code: 'option-invalid' });
    expect(problem?.message).not.toContain('secret');
  });
});

describe('sourceOf', () => {
  it.each([
    { text: 'rtsp://camera/1', source: { kind: 'rtsp', address: 'rtsp://camera/1' } },
    { text: 'HTTPS://camera/x.jpg', source: { kind: 'http', address: 'HTTPS://camera/x.jpg' } },
    { text: '/dev/video2', source: { kind: 'webcam', device: '/dev/video2' } },
    { text: '/dev/v4l/by-id/usb-x', source: { kind: 'webcam', device: '/dev/v4l/by-id/usb-x' } },
    { text: 'webcam', source: { kind: 'webcam' } },
    { text: 'rpicam', source: { kind: 'rpicam' } },
    { text: 'rpicam:1', source: { kind: 'rpicam', device: '1' } },
    { text: ' scene ', source: { kind: 'scene' } },
    { text: '/videos/door.MP4', source: { kind: 'video', path: '/videos/door.MP4' } },
    { text: '/photos/*.jpg', source: { kind: 'file', path: '/photos/*.jpg' } },
  ])('$text', ({ text, source }) => {
    expect(sourceOf(text)).toEqual(source);
  });

  it.each(['', 'ftp://x/y', 'data:image/png;base64,AA'])('%j is no source', (text) => {
    expect(() => sourceOf(text)).toThrow(expect.objectContaining({ code: 'option-invalid' }) as Error);
  });
});
