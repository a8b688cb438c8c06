import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeAPI } from 'node-red';

/** The texts of the page, by their keys in the locale file. */
const TEXTS = [
  'title',
  'faces',
  'perSecond',
  'milliseconds',
  'fullScreen',
  'picture',
  'waiting',
  'stopped',
  'lost',
];

let template: string | undefined;

/** The page of a view, in the server's language. */
export function renderPage(RED: NodeAPI): string {
  template ??= readFileSync(path.join(__dirname, 'view-page.html'), 'utf8');
  const texts = Object.fromEntries(TEXTS.map((key) => [key, RED._(`face-view.page.${key}`)]));
  // Script data: a "<" could end the element.
  const data = JSON.stringify(texts).replace(/</g, '\\u003c');
  return template
    .replace('"{{texts}}"', () => data)
    .replace('{{title}}', () => escapeHtml(texts['title'] ?? ''));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
