import { expect } from 'vitest';
import type { RunningNodeRed } from './node-red';
import { untilAsync } from './processes';

/** What came out of a flow. */
export interface Out {
  tab: string;
  messages: Record<string, unknown>[];
  errors: { message: string; code?: string; source: string }[];
  statuses: { text: string; source: string }[];
}

/**
 * Flows in a real Node-RED, whose editor is at /admin. A test talks to its flow over HTTP: `POST /in` becomes a message
 * for the node `first`, and what reaches the node `keep`, errors and statuses are kept and read back with `GET /out`.
 */
export function testFlow(nodeRedOf: () => RunningNodeRed) {
  let deployments = 0;

  /** Replaces all flows by one, and waits until it runs. */
  async function deploy(nodes: object[]): Promise<void> {
    // A new tab each time: what came out of the flow before is its own.
    const id = `tab${++deployments}`;
    const tab = { id, type: 'tab', label: 'Test' };
    const keep = (kind: string) =>
      `const out = flow.get('out') || { messages: [], errors: [], statuses: [] }; out.${kind}; flow.set('out', out);`;
    const plumbing = [
      { id: 'http', type: 'http in', url: '/in', method: 'post', wires: [['unpack']] },
      {
        id: 'unpack',
        type: 'function',
        func: `
          const { base64, json, burst = 1, ...rest } = msg.payload;
          const value = () => base64 === undefined ? json : Array.isArray(base64) ? base64.map((b) => Buffer.from(b, 'base64')) : Buffer.from(base64, 'base64');
          for (let i = 0; i < burst; i++) node.send([{ payload: value(), ...rest, index: i }, null]);
          node.send([null, msg]);`,
        outputs: 2,
        wires: [['entry'], ['ok']],
      },
      { id: 'ok', type: 'http response', wires: [] },
      { id: 'entry', type: 'change', rules: [], wires: [['first']] },
      { id: 'keep', type: 'function', func: keep('messages.push(msg)'), wires: [[]] },
      { id: 'catch', type: 'catch', scope: null, wires: [['caught']] },
      {
        id: 'caught',
        type: 'function',
        func: keep(
          'errors.push({ message: msg.error.message, code: msg.error.code, source: msg.error.source.id })',
        ),
        wires: [[]],
      },
      { id: 'status', type: 'status', scope: null, wires: [['told']] },
      {
        id: 'told',
        type: 'function',
        func: keep('statuses.push({ text: msg.status.text, source: msg.status.source.id })'),
        wires: [[]],
      },
      { id: 'httpout', type: 'http in', url: '/out', method: 'get', wires: [['read']] },
      {
        id: 'read',
        type: 'function',
        func: `msg.payload = { tab: '${id}', messages: [], errors: [], statuses: [], ...flow.get('out') }; return msg;`,
        wires: [['answer']],
      },
      { id: 'answer', type: 'http response', headers: { 'content-type': 'application/json' }, wires: [] },
    ];
    const flows = [
      tab,
      ...[...plumbing, ...nodes].map((node) => ({
        z: id,
        ...('engine' in node ? {} : { x: 1, y: 1 }),
        ...node,
      })),
    ];
    const response = await fetch(`${nodeRedOf().url}/admin/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' },
      body: JSON.stringify(flows),
    });
    expect(response.status).toBe(204);
    // Node-RED answers before the flows run.
    await untilAsync(async () => (await out().catch(() => undefined))?.tab === id);
  }

  async function send(message: object): Promise<void> {
    const response = await fetch(`${nodeRedOf().url}/in`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
    });
    expect(response.ok).toBe(true);
  }

  async function out(): Promise<Out> {
    return (await (await fetch(`${nodeRedOf().url}/out`)).json()) as Out;
  }

  /** Waits until what came out of the flow satisfies `condition`. */
  async function outWhen(condition: (out: Out) => boolean): Promise<Out> {
    let now = await out();
    await untilAsync(async () => condition((now = await out())));
    return now;
  }

  return { deploy, send, out, outWhen };
}
