import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { BlockList, LookupFunction } from 'node:net';
import { FaceError, messageOf } from '../errors';
import { checkHost, guardedLookup } from './blocked-addresses';
import { Authorizer, type Credentials } from './http-digest';
import { redactAddress, redactText } from './redact';

/** Redirections that are followed. */
const MAX_REDIRECTIONS = 5;

/** GET requests to one camera over a connection that stays open, with the name and password where it asks for them. */
export class HttpSession {
  #url: URL;
  readonly #credentials: Credentials;
  #authorizer: Authorizer | undefined;
  readonly #blocked: BlockList | undefined;
  readonly #lookup: { lookup?: LookupFunction };
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 1 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 1 }),
  };

  /** @param blocked where no connection may go, not after a redirection either */
  constructor(url: URL, credentials: Credentials, blocked?: BlockList) {
    this.#url = url;
    this.#blocked = blocked;
    this.#lookup = blocked === undefined ? {} : { lookup: guardedLookup(blocked) };
    this.#credentials = credentials;
    this.#authorizer = credentials.username === '' ? undefined : new Authorizer(credentials);
  }

  /**
   * Asks once, and again after a redirection or a challenge.
   * @returns an answer whose status is 200 to 299, or 304
   * @throws FaceError `camera-unreachable`, `camera-access-denied`, `camera-failed`, `camera-address-blocked`
   */
  async get(headers: Record<string, string>, signal: AbortSignal): Promise<http.IncomingMessage> {
    let challenged = false;
    for (let redirections = 0; redirections <= MAX_REDIRECTIONS;) {
      const response = await this.#ask(headers, signal);
      const { statusCode: status = 0 } = response;
      if ((status >= 200 && status < 300) || status === 304) return response;
      response.resume();
      const place = response.headers.location;
      if (status >= 300 && status < 400 && place !== undefined) {
        redirections++;
        this.#follow(place);
      } else if (status === 401 && !challenged && this.#challenge(response)) challenged = true;
      else throw this.#refused(status);
    }
    throw this.#failed('more redirections than five');
  }

  /** Closes the connection. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #ask(headers: Record<string, string>, signal: AbortSignal): Promise<http.IncomingMessage> {
    const url = this.#url;
    if (this.#blocked !== undefined) checkHost(url.hostname, this.#blocked);
    const authorization = this.#authorizer?.answer('GET', url.pathname + url.search);
    const [module, agent] =
      url.protocol === 'https:' ? [https, this.#agents['https:']] : [http, this.#agents['http:']];
    const request = module.get(url, {
      agent,
      signal,
      ...this.#lookup,
      // Small cameras speak HTTP loosely: a lone line feed or a space too many is forgiven.
      insecureHTTPParser: true,
      headers: { Accept: '*/*', ...headers, ...(authorization === undefined ? {} : { authorization }) },
    });
    try {
      // 'response' gives one message.
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      return response;
    } catch (error) {
      throw signal.aborted || error instanceof FaceError ? error : this.#unreachable(error);
    }
  }

  #challenge(response: http.IncomingMessage): boolean {
    return this.#authorizer?.take(response.headersDistinct['www-authenticate'] ?? []) ?? false;
  }

  /** A name and password are for the camera that they were given for, and for no other. */
  #follow(place: string): void {
    if (!URL.canParse(place, this.#url.href)) throw this.#failed('a redirection to no address');
    const next = new URL(place, this.#url);
    if (next.protocol !== 'http:' && next.protocol !== 'https:')
      throw this.#failed(`a redirection to ${next.protocol}`);
    if (next.origin !== this.#url.origin) this.#authorizer = undefined;
    this.#url = next;
  }

  #refused(status: number): FaceError {
    if (status !== 401 && status !== 403) return this.#failed(`the HTTP status ${status}`);
    return new FaceError({
      code: 'camera-access-denied',
      expected: `${this.#place()} to let us in`,
      got: `the HTTP status ${status}`,
      hint: 'Check the user name and the password.',
    });
  }

  #failed(got: string): FaceError {
    return new FaceError({
      code: 'camera-failed',
      expected: `pictures from ${this.#place()}`,
      got,
      hint: 'Open the address in a browser: it must show a picture.',
    });
  }

  #unreachable(error: unknown): FaceError {
    const { username, password } = this.#credentials;
    return new FaceError(
      {
        code: 'camera-unreachable',
        expected: `an answer from ${this.#place()}`,
        got: redactText(messageOf(error) || 'no connection', [password, username]).slice(0, 200),
        hint: 'Check the address, and that the camera is switched on and in the same network.',
      },
      error,
    );
  }

  #place(): string {
    return redactAddress(this.#url.href);
  }
}
