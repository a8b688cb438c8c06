import { describe, expect, it } from 'vitest';
import { Authorizer, readChallenge } from '../../src/camera/http-digest';

// The examples of RFC 7616, section 3.9.1.
const CREDENTIALS = { username: 'Mufasa', password: 'Circle of Life' };
const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const challenge = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

function answer(headers: string[]): string {
  const authorizer = new Authorizer(CREDENTIALS, () => CNONCE);
  expect(authorizer.take(headers)).toBe(true);
  return authorizer.answer('GET', '/dir/index.html') ?? '';
}

describe('digest authentication', () => {
  it.each([
    { algorithm: 'MD5', response: '8ca523f5e9506fed4657c9700eebdbec' },
    {
      algorithm: 'SHA-256',
      response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    },
  ])('answers with $algorithm as RFC 7616 does', ({ algorithm, response }) => {
    const header = answer([challenge(algorithm)]);
    expect(header).toContain(`response="${response}"`);
    expect(header).toContain('nc=00000001');
    expect(header).toContain('qop=auth,');
    expect(header).not.toContain('Circle');
  });

  it('of several offers takes the strongest that it knows', () => {
    expect(
      readChallenge(['Basic realm="x"', challenge('MD5'), challenge('SHA-256')])?.parameters,
    ).toMatchObject({ algorithm: 'SHA-256' });
    expect(readChallenge(['Basic realm="x", Digest realm="x", nonce="1"'])?.scheme).toBe('digest');
    expect(readChallenge(['Digest realm="x", nonce="1", algorithm=UNKNOWN', 'Basic realm="x"'])?.scheme).toBe(
      'basic',
    );
    expect(readChallenge(['Negotiate', 'Bearer realm="x"'])).toBeUndefined();
  });

  it('of an old server without qop (RFC 2069) answers without a count', () => {
    const header = answer(['Digest realm="r", nonce="n"']);
    expect(header).toMatch(/response="[0-9a-f]{32}"$/);
    expect(header).not.toContain('nc=');
  });

  it('counts its answers to one nonce', () => {
    const authorizer = new Authorizer(CREDENTIALS);
    authorizer.take([challenge('MD5')]);
    authorizer.answer('GET', '/');
    expect(authorizer.answer('GET', '/')).toContain('nc=00000002');
  });
});

describe('basic authentication', () => {
  it('sends name and password, after it was asked for them', () => {
    const authorizer = new Authorizer(CREDENTIALS);
    expect(authorizer.answer('GET', '/')).toBeUndefined();
    authorizer.take(['Basic realm="x"']);
    expect(authorizer.answer('GET', '/')).toBe(
      `Basic ${Buffer.from('Mufasa:Circle of Life').toString('base64')}`,
    );
  });
});
