import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAMERA_RANGES } from '../../src/camera/create-source';
import { ERROR_CODES } from '../../src/errors';
import { DEFAULT_OPTIONS, OPTION_RANGES } from '../../src/mtcnn/options';
import { define, type Definition, read, TYPES } from '../support/editor-files';
import { ROOT } from '../support/node-red';

type FlowNode = Record<string, unknown> & { id: string; type: string; z?: string; wires?: string[][] };

const EXAMPLES = readdirSync(path.join(ROOT, 'examples'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, flow: JSON.parse(read('examples', name)) as FlowNode[] }));

/** The keys of a locale file's texts, joined by dots. */
function keysOf(texts: object, prefix = ''): string[] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [prefix + key] : keysOf(text as object, `${prefix}${key}.`),
  );
}

/**
 * The keys that a node's sources ask for: whole ones, and the beginnings of those that are put together, such as
 * `camera-input.source.`.
 */
function askedKeys(type: string, sources: string): string[] {
  const asked = sources
    .replaceAll('${type}', type)
    .matchAll(new RegExp(`(?<![\\w@/])${type}\\.[\\w.-]*`, 'g'));
  return [...new Set([...asked].map(([key]) => key))];
}

/** A status may be told by the code of its error. */
const isErrorCode = (key: string) => (ERROR_CODES as readonly string[]).includes(key);

const splitKey = (key: string) => {
  const dot = key.lastIndexOf('.') + 1;
  return { group: key.slice(0, dot), last: key.slice(dot) };
};

/** A node as the editor makes it, with its defaults. */
function fresh(definition: Definition): object {
  const values = Object.entries(definition.defaults).map(([name, { value }]) => [name, value] as const);
  return { ...Object.fromEntries(values), _def: definition, _: (key: string) => key };
}

describe.each(TYPES)('%s in the editor', (type) => {
  const html = read('nodes', type, `${type}.html`);
  const definition = define(html);
  const fields = Object.entries(definition.defaults);
  const isConfig = definition.category === 'config';
  const texts = keysOf(JSON.parse(read('nodes', type, 'locales/en-US', `${type}.json`)) as object);

  it('registers its literal type in a script that tools find, beside its dialog', () => {
    expect(html).toContain(
      `<script type="text/javascript">\n  RED.nodes.registerType('${type}', {\n    category: '`,
    );
    expect(html).toContain(`data-template-name="${type}"`);
    // `node-red-dev validate` passes over a whole node whose definition spreads another object.
    const script = html.slice(html.indexOf('<script type="text/javascript">'));
    expect(script).not.toMatch(/^ {4}\.{3}/m);
  });

  it('has its place in the palette', () => {
    expect(definition.category).toBe(isConfig ? 'config' : 'faces');
    expect(definition.label.call(fresh(definition))).not.toBe('');
    if (isConfig) return;
    expect(definition.paletteLabel?.call(definition)).toBe(`${type}.palette`);
    expect(definition.color).toBe('#9ccfc4');
    expect(definition.icon).toBe(`${type}.svg`);
  });

  it('has an icon in one colour, white, as large as those of Node-RED', () => {
    const svg = read('icons', `${type}.svg`);
    expect(svg).toContain('width="40" height="60"');
    const colors = [...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, color]) => color);
    expect(new Set(colors.filter((color) => color !== 'none'))).toEqual(new Set(['#fff']));
  });

  it('has a field in the dialog for every setting, and none besides', () => {
    const prefix = isConfig ? 'node-config-input-' : 'node-input-';
    const inDialog = [...html.matchAll(new RegExp(`id="${prefix}(\\w+)"`, 'g'))].map(([, name]) => name);
    const settings = [...fields.map(([name]) => name), ...Object.keys(definition.credentials ?? {})];
    expect(inDialog.sort()).toEqual(settings.sort());
  });

  it('labels every field', () => {
    const dialog = html.slice(0, html.indexOf('<script type="text/javascript">'));
    for (const [, id] of dialog.matchAll(/<(?:input|select)[^>]* id="([^"]+)"/g)) {
      const labelled =
        dialog.includes(`for="${id}"`) || new RegExp(`id="${id}"[^>]*\\[title\\]`).test(dialog);
      expect(labelled, id).toBe(true);
    }
  });

  it('accepts its own defaults, a text that is needed for another choice apart', () => {
    for (const [name, { value, required, validate }] of fields) {
      if (required) expect(value, name).not.toBe('');
      expect(validate?.call(fresh(definition), value, {}) ?? true, name).toBe(true);
    }
  });

  it('has a range for every number, and says it in words', () => {
    const numbers = [...html.matchAll(/<input type="number" id="node-(?:config-)?input-(\w+)"/g)];
    for (const [, name] of numbers) {
      const { validate } = definition.defaults[name!]!;
      const range = validate?.range;
      expect(range, name).toBeDefined();
      const check = (value: unknown) => validate!.call(fresh(definition), value, {});
      expect(check(range!.least), `${name} at its least`).toBe(true);
      expect(check(String(range!.greatest)), `${name} at its greatest, typed as text`).toBe(true);
      for (const wrong of [range!.least - 1, range!.greatest + 1, '', 'many']) {
        expect(texts, `${name} ${wrong}`).toContain(check(wrong));
      }
    }
  });

  it('has every text that is asked for in its locale file, and no text that is not', () => {
    const folder = path.join(ROOT, 'nodes', type);
    const sources = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => read('nodes', type, name))
      .concat(isConfig || html.includes('mtcnnEditor') ? read('resources', 'editor.js') : [])
      .join('\n');
    // A config node is not in the palette, whose name for it the shared script would ask for.
    const asked = askedKeys(type, sources).filter((key) => !isConfig || key !== `${type}.palette`);

    // The name of a file is no key.
    const whole = asked.filter((key) => !key.endsWith('.') && !/\.(svg|html|ts|js)$/.test(key));
    expect(whole.filter((key) => !texts.includes(key))).toEqual([]);

    const statuses = [...sources.matchAll(/\btext\('([\w-]+)'/g)].map(
      ([, status]) => `${type}.status.${status}`,
    );
    expect(statuses.filter((key) => !texts.includes(key))).toEqual([]);

    const unused = texts.filter((key) => {
      const { group, last } = splitKey(key);
      const composed =
        asked.includes(group) && (isErrorCode(last) || new RegExp(`['"\`]${last}['"\`]`).test(sources));
      return !asked.includes(key) && !composed;
    });
    expect(unused).toEqual([]);
  });

  it('has the same texts in German, with the same places for values', () => {
    const textsIn = (language: string) =>
      JSON.parse(read('nodes', type, 'locales', language, `${type}.json`)) as object;
    expect(keysOf(textsIn('de')).sort()).toEqual(keysOf(textsIn('en-US')).sort());
    const places = (language: string) =>
      JSON.stringify(textsIn(language))
        .match(/__\w+__/g)
        ?.sort();
    expect(places('de')).toEqual(places('en-US'));
    expect(read('nodes', type, 'locales/de', `${type}.html`)).toContain(`data-help-name="${type}"`);
  });

  it('shows no text that is not in the locale file', () => {
    const shown = html
      .replace(/<script type="text\/javascript">.*?<\/script>/gs, '')
      .replace(/<[^>]*>/g, ' ')
      .split(/\s+/)
      .filter(Boolean);
    const units = ['px', 'fps', '%', 's', 'ms', '°', '×'];
    expect(shown.filter((word) => !units.includes(word))).toEqual([]);
  });

  it('takes its colours from the theme', () => {
    const css = read('resources', 'editor.css');
    expect(css.match(/#[\da-f]{3,8}\b|rgba?\(/gi)).toBeNull();
    expect(html).not.toMatch(/style="/);
  });

  it('has help: a sentence for the tooltip, what comes in, what goes out, the details', () => {
    const help = read('nodes', type, 'locales/en-US', `${type}.html`);
    expect(help).toMatch(new RegExp(`^<script type="text/html" data-help-name="${type}">\\s*<p>[^<]+`));
    const sections = [...help.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title);
    if (definition.inputs) expect(sections).toContain('Inputs');
    if (definition.outputs) expect(sections).toContain('Outputs');
    expect(sections).toContain('Details');
    if (!isConfig) {
      expect(help).toContain('<dl class="message-properties">');
      expect(help).toContain('Typical flow');
    }
  });

  it('is part of an example, which has all of its settings', () => {
    const used = EXAMPLES.flatMap(({ flow }) => flow).filter((node) => node.type === type);
    expect(used.length).toBeGreaterThan(0);
    for (const node of used) {
      const settings = Object.keys(node).filter(
        (name) => !['id', 'type', 'x', 'y', 'z', 'wires'].includes(name),
      );
      expect(settings.sort(), node.id).toEqual(fields.map(([name]) => name).sort());
      for (const [name, { validate }] of fields) {
        expect(validate?.call({ ...fresh(definition), ...node }, node[name], {}) ?? true, name).toBe(true);
      }
    }
  });
});

describe('mtcnn-detect, beside the library', () => {
  const { defaults } = define(read('nodes/mtcnn-detect/mtcnn-detect.html'));
  const options = Object.entries(DEFAULT_OPTIONS).filter(([name]) => name in defaults);

  it('begins with the defaults of the library, but for boxes beyond the border, which flows trip over', () => {
    const inDialog = options.map(([name]) => [name, defaults[name]!.value]);
    expect(Object.fromEntries(inDialog)).toEqual({ ...Object.fromEntries(options), fitToImage: true });
  });

  it('offers nothing that the library refuses', () => {
    for (const [name, [least, greatest]] of Object.entries(OPTION_RANGES)) {
      const range = defaults[name]?.validate?.range;
      if (range === undefined) continue;
      expect(range.least, name).toBeGreaterThanOrEqual(least);
      expect(range.greatest, name).toBeLessThanOrEqual(greatest);
    }
  });
});

it('camera-input offers the ranges of the library', () => {
  const { defaults } = define(read('nodes/camera-input/camera-input.html'));
  for (const [name, [least, greatest]] of Object.entries(CAMERA_RANGES)) {
    expect(defaults[name]?.validate?.range, name).toMatchObject({ least, greatest });
  }
});

describe.each(EXAMPLES)('the example $name', ({ flow }) => {
  it('has ids of its own, and wires that lead somewhere', () => {
    const others = EXAMPLES.filter((example) => example.flow !== flow).flatMap((example) => example.flow);
    const ids = flow.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(others.filter(({ id }) => ids.includes(id))).toEqual([]);
    const wired = flow.flatMap(({ wires = [] }) => wires.flat());
    expect(wired.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('begins with a tab, and says in a comment what it does', () => {
    expect(flow[0]).toMatchObject({ type: 'tab', info: expect.stringMatching(/\w/) as string });
    expect(flow.find(({ type }) => type === 'comment')?.['name']).toBeTruthy();
  });
});

it('no editor file is left over from a node that is gone', () => {
  const folders = readdirSync(path.join(ROOT, 'nodes')).filter((name) => name !== 'shared');
  expect(folders.sort()).toEqual([...TYPES].sort());
  const icons = readdirSync(path.join(ROOT, 'icons'));
  expect(icons.sort()).toEqual(TYPES.map((type) => `${type}.svg`).sort());
  for (const type of TYPES) expect(existsSync(path.join(ROOT, 'nodes', type, `${type}.ts`)), type).toBe(true);
});
