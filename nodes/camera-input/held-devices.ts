import { FaceError } from '../../src/errors';

interface Holder {
  id: string;
  label: string;
}

/** Who has which camera: a device gives its pictures to one program alone. */
const holders = new Map<string, Holder>();

/**
 * Takes a device for a node.
 * @throws FaceError `camera-device-busy`, naming the node that has it
 */
export function holdDevice(device: string, holder: Holder): void {
  const other = holders.get(device);
  if (other !== undefined && other.id !== holder.id) {
    throw new FaceError({
      code: 'camera-device-busy',
      expected: `${device} to be free`,
      got: `the node “${other.label}”, which has it`,
      hint: 'One camera serves many flows: take its pictures from that node by a wire or by link nodes.',
    });
  }
  holders.set(device, holder);
}

/** Gives a device back, if the node has it. */
export function releaseDevice(device: string, id: string): void {
  if (holders.get(device)?.id === id) holders.delete(device);
}
