import type { Networks } from './networks';
import { createVectorNetworks } from './vector';

/**
 * The networks on WebAssembly, which runs wherever Node runs: on our own kernels, or on TensorFlow.js where the processor
 * lacks WebAssembly's vector instructions.
 * @throws FaceError `engine-unavailable` if WebAssembly does not start
 */
export async function createWasmNetworks(): Promise<Networks> {
  return createVectorNetworks() ?? (await import('./tfjs.js')).createTfjsNetworks();
}
