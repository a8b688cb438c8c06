import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { describeValue, FaceError } from '../errors';

/**
 * Networks that no message may point to. Link-local: what answers there are the machine's own helpers, and the metadata
 * service of nearly every cloud (169.254.169.254), which hands out passwords to whoever asks from inside. The others are
 * metadata services elsewhere.
 */
export const BLOCKED_NETWORKS = [
  '169.254.0.0/16', // link-local, RFC 3927; metadata of AWS, Azure, Google, Oracle, DigitalOcean and others
  'fe80::/10', // link-local, RFC 4291
  '64:ff9b::a9fe:0/112', // IPv4 link-local through NAT64, RFC 6052
  '2002:a9fe::/32', // IPv4 link-local through 6to4, RFC 3056
  'fd00:ec2::/32', // AWS, its services inside a network
  'fd20:ce::254', // Google
  'fd00:42::42', // Scaleway
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure, the host of the machine
  '192.0.0.192', // Oracle, its older machines
] as const;

/**
 * A list of addresses and networks such as `10.0.0.0/8`.
 * @throws FaceError `option-invalid`
 */
export function blockList(networks: readonly unknown[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix, ...rest] = typeof network === 'string' ? network.split('/') : [];
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
    if (isIP(address) === 0 || rest.length > 0 || !(bits <= longest)) {
      throw new FaceError({
        code: 'option-invalid',
        expected: 'an address or network such as 192.168.7.0/24 or fd00::/8',
        got: typeof network === 'string' ? JSON.stringify(network.slice(0, 80)) : describeValue(network),
        hint: 'Correct blockedAddresses in Node-RED’s settings file.',
      });
    }
    list.addSubnet(address, bits, family);
  }
  return list;
}

/**
 * Resolves names as Node.js does, but answers with an error where one of the addresses is blocked. Given to a connection
 * as its `lookup`, it judges the very addresses that are connected to: a name that changes its address between two
 * questions gains nothing.
 */
export function guardedLookup(blocked: BlockList): LookupFunction {
  return (host, options, callback) => {
    resolveName(host, options, (error, found, family) => {
      if (error === null) {
        const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
        const problem = addresses.map((address) => blockedError(host, address, blocked)).find(Boolean);
        if (problem !== undefined) {
          callback(problem, []);
          return;
        }
      }
      callback(error, found, family);
    });
  };
}

/**
 * The address of a host, for a program that makes the connection itself.
 * @param host as in a URL: IPv6 in brackets
 * @throws FaceError `camera-address-blocked`, `camera-unreachable`
 */
export async function resolveAllowed(host: string, blocked: BlockList): Promise<LookupAddress> {
  const name = unbracketed(host);
  return new Promise((resolve, reject) => {
    guardedLookup(blocked)(name, { all: true }, (error, found) => {
      const [first] = typeof found === 'string' ? [] : found;
      if (first !== undefined) resolve(first);
      else reject(error instanceof FaceError ? error : unresolved(name, error));
    });
  });
}

/**
 * Refuses a host that is an address already, which no `lookup` is asked for.
 * @throws FaceError `camera-address-blocked`
 */
export function checkHost(host: string, blocked: BlockList): void {
  const name = unbracketed(host);
  const problem = isIP(name) === 0 ? undefined : blockedError(name, name, blocked);
  if (problem !== undefined) throw problem;
}

const unbracketed = (host: string) => host.replace(/^\[|\]$/g, '');

function blockedError(host: string, address: string, blocked: BlockList): FaceError | undefined {
  // A link-local address may end in the name of its interface.
  const [plain = ''] = address.split('%');
  if (!blocked.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')) return undefined;
  return new FaceError({
    code: 'camera-address-blocked',
    expected: 'the address of a camera, since a message named it',
    got: host === plain ? plain : `${host.slice(0, 100)}, which is ${plain}`,
    hint: 'Link-local and metadata addresses, and those of blockedAddresses in the settings file, are for the dialog of the camera alone.',
  });
}

function unresolved(host: string, cause: NodeJS.ErrnoException | null): FaceError {
  return new FaceError(
    {
      code: 'camera-unreachable',
      expected: `an address for the name ${host.slice(0, 100)}`,
      got: cause?.code ?? 'none',
      hint: 'Check the name, or use the address in numbers.',
    },
    cause,
  );
}
