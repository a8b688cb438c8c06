import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningNodeRed, startNodeRed } from '../support/node-red';
import { untilAsync } from '../support/processes';
import { describeWhere } from '../support/requires';
import {
  hasSecureBroker,
  ROLES,
  SECURE_BROKER_REASON,
  type SecureBroker,
  startSecureBroker,
} from '../support/secure-broker';

// docs/mosquitto.acl and docs/broker-secrets.sh in a real Mosquitto, with Node-RED's own MQTT nodes, over TLS.

type Role = (typeof ROLES)[number];

/** What each role may do: say, and hear. */
const RIGHTS: Record<Role, { says: string[]; hears: string[] }> = {
  publisher: { says: ['frames/door', 'counts/frames/door'], hears: [] },
  detector: { says: ['faces/door', 'counts/detectors'], hears: ['frames/door'] },
  collector: {
    says: [],
    hears: ['frames/door', 'faces/door', 'counts/frames/door', 'counts/detectors'],
  },
};
const TOPICS = [...RIGHTS.collector.hears, 'other'];

describeWhere(hasSecureBroker, SECURE_BROKER_REASON)('roles at Mosquitto, over TLS', () => {
  let broker: SecureBroker;
  let nodeRed: RunningNodeRed;

  /** For each role a broker node; behind it nodes that listen to everything, and one that says what /say/ROLE is told. */
  function flowOf(role: Role): object[] {
    const node = (id: string, type: string, config: object) => ({
      ...{ id: `${role}-${id}`, z: 'tab', type, x: 1, y: 1, ...config },
    });
    const to = (...ids: string[]) => ({ wires: [ids.map((id) => `${role}-${id}`)] });
    const mqtt = { broker: `${role}-broker`, qos: '1' };
    const listen = (id: string, topic: string, heard: string) => [
      node(id, 'mqtt in', { ...mqtt, topic, datatype: 'utf8', rh: '0', ...to(heard) }),
      node(heard, 'function', {
        func: `flow.set('heard', [...(flow.get('heard') ?? []), { role: '${role}', by: '${id}', topic: msg.topic }]);`,
        ...to(),
      }),
    ];
    return [
      {
        ...{
          id: `${role}-broker`,
          type: 'mqtt-broker',
          broker: 'localhost',
          port: broker.port,
          protocolVersion: '5',
        },
        ...{ autoConnect: true, cleansession: true, keepalive: 10, usetls: true, tls: 'tls' },
        credentials: { user: role, password: broker.password(role) },
      },
      ...listen('all', '#', 'heard-all'),
      ...listen('shared', '$share/detectors/frames/#', 'heard-frames'),
      ...listen('shared-faces', '$share/detectors/faces/#', 'heard-faces'),
      node('post', 'http in', { url: `/say/${role}`, method: 'post', ...to('topic') }),
      node('topic', 'function', { func: 'return { ...msg, ...msg.payload, payload: "a" };', ...to('out') }),
      node('out', 'mqtt out', { ...mqtt, topic: '', retain: 'false', wires: [] }),
      node('done', 'complete', { scope: [`${role}-out`], ...to('said') }),
      node('said', 'change', {
        rules: [{ t: 'set', p: 'statusCode', to: '200', tot: 'num' }],
        ...to('answer'),
      }),
      node('catch', 'catch', { scope: [`${role}-out`], ...to('denied') }),
      node('denied', 'change', {
        rules: [{ t: 'set', p: 'statusCode', to: '403', tot: 'num' }],
        ...to('answer'),
      }),
      node('answer', 'http response', { wires: [] }),
      node('state', 'status', {
        scope: ['all', 'shared', 'shared-faces'].map((id) => `${role}-${id}`),
        ...to('note'),
      }),
      node('note', 'function', {
        func: `if (msg.status.fill === 'green') flow.set('ready', [...(flow.get('ready') ?? []), msg.status.source.id]);`,
        ...to(),
      }),
    ];
  }

  const asks = (name: string) => [
    { id: `${name}-in`, z: 'tab', type: 'http in', url: `/${name}`, method: 'get', wires: [[`${name}-get`]] },
    {
      ...{ id: `${name}-get`, z: 'tab', type: 'function', wires: [[`${name}-out`]] },
      func: `return { ...msg, payload: flow.get('${name}') ?? [] };`,
    },
    { id: `${name}-out`, z: 'tab', type: 'http response', wires: [] },
  ];

  /** Has a role say something; true if the broker took it. */
  const say = async (role: Role, topic: string) => {
    const answer = await fetch(`${nodeRed.url}/say/${role}`, {
      ...{ method: 'POST', body: JSON.stringify({ topic }), headers: { 'Content-Type': 'application/json' } },
    });
    return answer.status === 200;
  };
  const ask = async <T>(name: string) => (await (await fetch(`${nodeRed.url}/${name}`)).json()) as T[];

  beforeAll(async () => {
    broker = await startSecureBroker();
    nodeRed = await startNodeRed({ flows: [] });
    const nodes = [
      { id: 'tab', type: 'tab', label: 'roles' },
      {
        ...{
          id: 'tls',
          type: 'tls-config',
          cert: '',
          key: '',
          ca: '',
          servername: '',
          verifyservercert: true,
        },
        credentials: { cadata: readFileSync(broker.file('ca.crt'), 'utf8') },
      },
      ...ROLES.flatMap(flowOf),
      ...['heard', 'ready'].flatMap(asks),
    ];
    const response = await fetch(`${nodeRed.url}/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' },
      body: JSON.stringify(nodes),
    });
    expect(response.status).toBe(204);
    await untilAsync(async () => (await fetch(`${nodeRed.url}/ready`)).ok);
    await untilAsync(async () => new Set(await ask<string>('ready')).size === 9);
  });
  afterAll(async () => {
    await nodeRed.stop();
    await broker.stop();
  });

  it('each says what it may, and nothing else', async () => {
    for (const role of ROLES) {
      for (const topic of TOPICS) {
        expect(await say(role, topic), `${role} says ${topic}`).toBe(RIGHTS[role].says.includes(topic));
      }
    }
  });

  it('each hears what it may, and nothing else', async () => {
    // The broker lets every role into a group, sends it frames in turn, and only then asks what it may hear.
    for (let i = 0; i < ROLES.length; i++) await say('publisher', 'frames/door');
    await say('detector', 'faces/door');
    const said = { 'frames/door': 1 + ROLES.length, 'faces/door': 2 };
    interface Heard {
      role: Role;
      by: string;
      topic: string;
    }
    const topicsOf = async (role: Role, by: string) =>
      (await ask<Heard>('heard'))
        .filter((each) => each.role === role && each.by === by)
        .map(({ topic }) => topic);
    await untilAsync(async () => {
      const heard = await topicsOf('collector', 'all');
      return Object.entries(said).every(
        ([topic, count]) => heard.filter((each) => each === topic).length === count,
      );
    });
    // The broker writes to a client in the order of what happened: its answer to these comes behind all it was sent.
    for (const role of ['publisher', 'detector', 'collector'] as const) await say(role, 'other');
    for (const role of ROLES) {
      const heard = new Set(await topicsOf(role, 'all'));
      expect([...heard].sort(), role).toEqual([...RIGHTS[role].hears].sort());
    }
    expect(new Set(await topicsOf('detector', 'shared'))).toEqual(new Set(['frames/door']));
    expect(await topicsOf('publisher', 'shared')).toEqual([]);
    for (const role of ['publisher', 'detector'] as const)
      expect(await topicsOf(role, 'shared-faces')).toEqual([]);
  });

  it('nobody comes in without a password, with a wrong one, or without the authority', () => {
    const publish = (...client: string[]) =>
      spawnSync('mosquitto_pub', [...client, '-t', 'frames/door', '-m', 'a'], { encoding: 'utf8' });
    const place = ['-h', 'localhost', '-p', String(broker.port), '-V', 'mqttv5', '-q', '1'];
    const trusting = [...place, '--cafile', broker.file('ca.crt')];
    const publisher = ['-u', 'publisher', '-P', broker.password('publisher')];
    expect(publish(...trusting, ...publisher).status).toBe(0);
    expect(publish(...trusting).stderr).toMatch(/not authori[sz]ed/i);
    expect(publish(...trusting, '-u', 'publisher', '-P', 'wrong').stderr).toMatch(/not authori[sz]ed/i);
    expect(publish(...place, ...publisher).status, 'without TLS').not.toBe(0);
    const system = ['--capath', '/etc/ssl/certs'];
    expect(publish(...place, ...system, ...publisher).stderr, 'other authorities').toMatch(
      /TLS|certificate/i,
    );
    const elsewhere = trusting.map((part) => (part === 'localhost' ? '127.0.0.2' : part));
    expect(publish(...elsewhere, ...publisher).status, 'another name').not.toBe(0);
  });
});
