import type { EngineName } from '../detection';
import { createNativeNetworks } from './native';
import type { Networks } from './networks';
import { createWasmNetworks } from './wasm';

/** Loads the networks of one engine. */
export function createNetworks(engine: EngineName): Promise<Networks> {
  return engine === 'native' ? createNativeNetworks() : createWasmNetworks();
}
