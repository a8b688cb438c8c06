import type { EngineName } from '../detection';
import type { Networks } from './networks';

/** Loads the networks of one engine, and no part of the other: both bring a TensorFlow.js of their own. */
export async function createNetworks(engine: EngineName): Promise<Networks> {
  if (engine === 'native') return (await import('./native.js')).createNativeNetworks();
  return (await import('./wasm.js')).createWasmNetworks();
}
