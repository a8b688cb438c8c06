import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../src/errors';
import { REJECT_REASONS } from '../src/filter/filter-faces';
import { DEFAULT_OPTIONS, OPTION_RANGES } from '../src/mtcnn/options';
import { define, type Field, read, TYPES } from './support/editor-files';
import { ROOT } from './support/node-red';

// The documentation against the code that it speaks of.

const PAGES = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: read(name) }));

/** The part of a page below a heading, up to the next one of its rank. */
function sectionOf(page: string, heading: string): string {
  const [, section = ''] = read(page).split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] ?? '';
}

/** The cells of each row of all tables in a text. */
function rowsOf(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** Headings as GitHub names their anchors. */
function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

interface Texts {
  [key: string]: string | Texts;
}

/** What the editor shows of a node, by key. */
function textsOf(type: string): (key: string) => string {
  const texts = JSON.parse(read('nodes', type, 'locales/en-US', `${type}.json`)) as Texts;
  return (key) => {
    const text = key.split('.').reduce<string | Texts | undefined>((group, part) => {
      return typeof group === 'object' ? group[part] : undefined;
    }, texts);
    if (typeof text !== 'string') throw new Error(`no text ${key}`);
    return text;
  };
}

/** A value as a table shows it. */
const shown = (value: unknown): string =>
  value === '' ? '–' : value === true ? 'yes' : value === false ? 'no' : String(value);

/** The first cells of the rows that a node's table must have: label, property, default, and what can be chosen. */
function expectedRows(type: string): string[][] {
  const html = read('nodes', type, `${type}.html`);
  const text = textsOf(type);
  const { defaults, credentials = {} } = define(html);
  const secrets = Object.keys(credentials).map((name): [string, Field] => [name, { value: '' }]);
  return [...Object.entries(defaults), ...secrets].map(([name, { value, validate }]) => {
    const id = `"node-(?:config-)?input-${name}"`;
    const find = (pattern: string) => new RegExp(pattern, 's').exec(html)?.[1];
    const label = find(`for=${id}><span data-i18n="([^"]+)"`) ?? find(`id=${id}[^>]*\\[title\\]([\\w.-]+)`);
    const select = find(`<select id=${id}[^>]*>(.*?)</select>`) ?? '';
    const options = [...select.matchAll(/value="([^"]*)" data-i18n="([^"]+)"/g)];
    const choices = new Map(options.map(([, choice = '', key = '']) => [choice, text(key)]));
    const cells = [text(label ?? ''), `\`${name}\``, choices.get(String(value)) ?? shown(value)];
    if (choices.size > 0) return [...cells, [...choices.values()].join('; ')];
    if (validate?.range === undefined) return cells;
    const { least, greatest } = validate.range;
    const unit = find(`id=${id}[^>]*>\\s*<span class="mtcnn-unit">([^<]+)<`) ?? '';
    return [...cells, `${least} to ${greatest} ${unit}`.trim()];
  });
}

describe('docs/nodes.md', () => {
  it.each(TYPES)('%s: has every property of the dialog with its label, default and range', (type) => {
    const rows = rowsOf(sectionOf('docs/nodes.md', type.replace('-', ' ')));
    for (const expected of expectedRows(type)) {
      const [, property] = expected;
      const row = rows.find((cells) => cells[1] === property) ?? [];
      expect(row.slice(0, expected.length), `${type} ${property}`).toEqual(expected);
      expect(row[4], `${type} ${property}: what it is good for`).toMatch(/\w/);
    }
  });

  it.each(TYPES)('%s: has every status', (type) => {
    const texts = JSON.parse(read('nodes', type, 'locales/en-US', `${type}.json`)) as Record<
      string,
      { status?: Record<string, string> }
    >;
    const section = sectionOf('docs/nodes.md', type.replace('-', ' '));
    for (const [key, status] of Object.entries(texts[type]?.status ?? {})) {
      if (key === 'unnamed') continue; // the name of a node in an error
      const filledIn = status
        .split(/__\w+__/)
        .map((part) => part.replace(/[^\w\s]/g, '\\$&'))
        .join('[\\w.]+');
      expect(section).toMatch(new RegExp(`\`${filledIn}\``));
    }
  });

  it("camera input: the help has every property of the page's msg.frame", () => {
    const [, json = ''] =
      /^```json\n(\{\n {2}"payload": "<Buffer.*?)^```/ms.exec(sectionOf('docs/nodes.md', 'camera input')) ??
      [];
    const { frame } = JSON.parse(json) as { frame: object };
    const help = read('nodes/camera-input/locales/en-US/camera-input.html');
    const [, named = ''] = /<dt>frame .*?<code>\{(.*?)\}/s.exec(help) ?? [];
    expect(named.split(', ').sort()).toEqual(Object.keys(frame).sort());
  });

  it('has every error, once, and none besides', () => {
    const codes = rowsOf(sectionOf('docs/nodes.md', 'Errors')).map(([code]) => code);
    expect(codes.filter((code) => code?.startsWith('`')).sort()).toEqual(
      ERROR_CODES.map((code) => `\`${code}\``).sort(),
    );
  });

  it('has every option with its default and range', () => {
    const rows = rowsOf(sectionOf('docs/nodes.md', 'msg.options'));
    for (const [name, value] of Object.entries(DEFAULT_OPTIONS)) {
      const range = (OPTION_RANGES as Record<string, readonly number[]>)[name];
      const row = rows.find(([option]) => option === `\`${name}\``) ?? [];
      expect(row.slice(1, 3), name).toEqual([String(value), range?.join(' to ') ?? 'true, false']);
    }
  });

  it('has every reason of face filter', () => {
    for (const reason of REJECT_REASONS) {
      expect(sectionOf('docs/nodes.md', 'face filter')).toContain(`\`${reason}\``);
    }
  });

  it('has every example, and none besides', () => {
    const named = rowsOf(sectionOf('docs/nodes.md', 'Examples')).map(([name]) => name);
    const files = readdirSync(path.join(ROOT, 'examples')).map((name) => `\`${path.parse(name).name}\``);
    expect(named.filter((name) => name?.startsWith('`')).sort()).toEqual(files.sort());
  });
});

it('docs/scale-out.md tells what to install for live-collector', () => {
  const needs = rowsOf(sectionOf('docs/nodes.md', 'Examples')).find(
    ([name]) => name === '`live-collector`',
  )?.[2];
  const [dashboard] = /`@[^`]+`/.exec(needs ?? '') ?? [];
  expect(sectionOf('docs/scale-out.md', 'Set it up')).toContain(dashboard ?? 'a package');
});

it('docs/README.md links to every page', () => {
  for (const name of readdirSync(path.join(ROOT, 'docs')).filter((each) => /^(?!README).*\.md$/.test(each))) {
    expect(read('docs/README.md')).toContain(`](${name})`);
  }
});

describe.each(PAGES)('$name', ({ name, text }) => {
  it('links to what is there', () => {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? name : path.join(path.dirname(name), file);
      expect(existsSync(path.join(ROOT, place)), target).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(read(place)), target).toContain(anchor);
    }
  });

  it('has JSON that can be read', () => {
    for (const [, json = ''] of text.matchAll(/^```json\n(.*?)^```/gms)) {
      expect(() => void JSON.parse(json), json).not.toThrow();
    }
  });

  it('names only commands that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
    for (const [, script = ''] of text.matchAll(/npm run ([\w-]+)/g)) expect(scripts).toHaveProperty(script);
  });
});
