import { createHash, randomBytes } from 'node:crypto';

/** A server's request for a name and password (RFC 9110, section 11). */
export interface Challenge {
  scheme: 'basic' | 'digest';
  /** The scheme's parameters, names in lower case. */
  parameters: Record<string, string>;
}

export interface Credentials {
  username: string;
  password: string;
}

/** Hash functions of digest authentication (RFC 7616, section 3.3), as Node.js calls them. */
const HASHES: Record<string, string> = { md5: 'md5', 'sha-256': 'sha256', 'sha-512-256': 'sha512-256' };

/**
 * The challenge of `WWW-Authenticate` headers that can be answered: digest before basic, a strong hash before a weak
 * one, since the server offers a choice.
 */
export function readChallenge(headers: readonly string[]): Challenge | undefined {
  const challenges = headers.flatMap(splitChallenges);
  const digests = challenges.filter(
    ({ scheme, parameters }) => scheme === 'digest' && hashOf(parameters) !== undefined,
  );
  const strong = digests.find(({ parameters }) => hashOf(parameters) !== 'md5');
  return strong ?? digests[0] ?? challenges.find(({ scheme }) => scheme === 'basic');
}

function splitChallenges(header: string): Challenge[] {
  const found: Challenge[] = [];
  // A word that no "=" follows begins a challenge; what follows up to the next such word are its parameters.
  for (const [, name, value, quoted, plain] of header.matchAll(
    /([\w-]+)(\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g,
  )) {
    const word = name!.toLowerCase();
    if (value === undefined) {
      if (word === 'basic' || word === 'digest') found.push({ scheme: word, parameters: {} });
    } else {
      const last = found.at(-1);
      if (last !== undefined) last.parameters[word] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    }
  }
  return found;
}

const hashOf = ({ algorithm = 'md5' }: Record<string, string>): string | undefined =>
  HASHES[algorithm.toLowerCase().replace(/-sess$/, '')];

/** Answers the challenges of one server; counts its answers, as digest authentication asks for. */
export class Authorizer {
  readonly #credentials: Credentials;
  readonly #makeNonce: () => string;
  #challenge: Challenge | undefined;
  #count = 0;

  /** @param makeNonce the client's own random text, for tests */
  constructor(credentials: Credentials, makeNonce = () => randomBytes(16).toString('hex')) {
    this.#credentials = credentials;
    this.#makeNonce = makeNonce;
  }

  /** Takes a new challenge; false if there is none that can be answered. */
  take(headers: readonly string[]): boolean {
    this.#challenge = readChallenge(headers);
    this.#count = 0;
    return this.#challenge !== undefined;
  }

  /** The `Authorization` header of a request; none before a challenge: a name and password are not sent unasked. */
  answer(method: string, uri: string): string | undefined {
    if (this.#challenge === undefined) return undefined;
    const { username, password } = this.#credentials;
    return this.#challenge.scheme === 'basic'
      ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      : this.#answerDigest(this.#challenge.parameters, method, uri);
  }

  /** RFC 7616, section 3.4. */
  #answerDigest(parameters: Record<string, string>, method: string, uri: string): string {
    const { realm = '', nonce = '', opaque, algorithm } = parameters;
    const { username, password } = this.#credentials;
    const digest = (...parts: string[]) =>
      createHash(hashOf(parameters) ?? 'md5')
        .update(parts.join(':'))
        .digest('hex');
    const cnonce = this.#makeNonce();
    const nc = (++this.#count).toString(16).padStart(8, '0');
    const offered = parameters['qop']?.split(',').map((word) => word.trim());
    const qop = offered?.includes('auth') === true ? 'auth' : undefined;
    const session = algorithm?.toLowerCase().endsWith('-sess') === true;
    const plain = digest(username, realm, password);
    const secret = session ? digest(plain, nonce, cnonce) : plain;
    const request = digest(method, uri);
    const response =
      qop === undefined ? digest(secret, nonce, request) : digest(secret, nonce, nc, cnonce, qop, request);
    const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
    return [
      `Digest username=${quote(username)}`,
      `realm=${quote(realm)}`,
      `nonce=${quote(nonce)}`,
      `uri=${quote(uri)}`,
      ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
      `response="${response}"`,
      ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`]),
      ...(qop === undefined && !session ? [] : [`cnonce="${cnonce}"`]),
      ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ].join(', ');
  }
}
