import { readFileSync } from 'node:fs';
import type { NodeAPI } from 'node-red';

const templates = new Map<string, string>();

export interface PageConfig {
  /** The HTML file with the places `"{{texts}}"`, `"{{data}}"` and `{{title}}`. */
  file: string;
  /** What the keys of its texts begin with in the locale file, such as `face-view.page.`. */
  prefix: string;
  /** Their keys; `title` is one of them. */
  texts: readonly string[];
  /** What the page's script needs besides, as plain data. */
  data?: object;
}

/** A page of a node, in the server's language. */
export function renderPage(RED: NodeAPI, { file, prefix, texts, data = {} }: PageConfig): string {
  let template = templates.get(file);
  if (template === undefined) templates.set(file, (template = readFileSync(file, 'utf8')));
  const words = Object.fromEntries(texts.map((key) => [key, RED._(prefix + key)]));
  return template
    .replace('"{{texts}}"', () => scriptData(words))
    .replace('"{{data}}"', () => scriptData(data))
    .replace('{{title}}', () => escapeHtml(words['title'] ?? ''));
}

/** JSON inside a script: a "<" could end the element. */
const scriptData = (data: object) => JSON.stringify(data).replace(/</g, '\\u003c');

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
