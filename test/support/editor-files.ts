import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { ROOT } from './node-red';

// The editor's half of each node, read and run as the browser does, with a stand-in for the editor.

export interface Field {
  value: unknown;
  required?: boolean;
  validate?: ((this: object, value: unknown, settings: object) => boolean | string) & {
    range?: { least: number; greatest: number };
  };
}

export interface Definition {
  category: string;
  color?: string;
  icon?: string;
  inputs?: number;
  outputs?: number;
  defaults: Record<string, Field>;
  credentials?: Record<string, { type: string }>;
  label(this: object): string;
  paletteLabel?(this: object): string;
  /** The translation of a key, which the editor adds. */
  _(key: string, values?: object): string;
}

/** The text of a file of the project. */
export const read = (...parts: string[]) => readFileSync(path.join(ROOT, ...parts), 'utf8');

/** Every node of the package. */
export const TYPES = Object.keys(
  (JSON.parse(read('package.json')) as { 'node-red': { nodes: object } })['node-red'].nodes,
);

/** What a node's script registers, whose texts are the keys that it asks for. */
export function define(html: string): Definition {
  const found: Definition[] = [];
  const RED = {
    nodes: { registerType: (_type: string, definition: Definition) => found.push(definition) },
    validators: { regex: (pattern: RegExp) => (value: string) => pattern.test(value) },
  };
  const context = createContext({ RED });
  runInContext('var window = globalThis;', context);
  runInContext(read('resources', 'editor.js'), context);
  runInContext(/<script type="text\/javascript">(.*?)<\/script>/s.exec(html)![1]!, context);
  return { ...found[0]!, _: (key) => key };
}
