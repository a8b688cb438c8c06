import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { Broker, WorkerOptions } from './options';

/** A node in a flow file of Node-RED. */
export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/** A flow with all that belongs to it. */
export interface Flow {
  nodes: FlowNode[];
  /** What Node-RED keeps apart and encrypted, by node. */
  credentials: Record<string, Record<string, unknown>>;
  /** npm packages that it needs beside this one. */
  packages: string[];
}

/** The node with the broker's authority. */
const TLS = 'workertls0000000';

/** Who brings the nodes of a type. */
const PACKAGES: Record<string, string> = { 'ui-base': '@flowfuse/node-red-dashboard' };

/** The versions that the flows were written for: a worker that is brought up to date gets no other one. */
const VERSIONS: Record<string, string> = { '@flowfuse/node-red-dashboard': '1', amqplib: '2' };

/**
 * An example, with the broker, the engine and the processes filled in, and beside it what answers GET /health.
 * @throws Error where the example has no node that speaks the broker's protocol
 */
export function makeFlow(example: readonly FlowNode[], options: WorkerOptions): Flow {
  const { engine, processes, http } = options;
  const credentials: Flow['credentials'] = {};
  const connected = connect(example, options, credentials);
  const detector = {
    ...{ id: 'workerdetector00', type: 'mtcnn-detector', name: 'worker' },
    ...{ engine, processes, deadline: 30 },
  };
  const nodes = connected.map((node) =>
    node.type === 'mtcnn-detect' ? { ...node, detector: detector.id } : node,
  );
  const detects = nodes.some(({ type }) => type === 'mtcnn-detect');
  return {
    nodes: [...nodes, ...(detects ? [detector] : []), ...(http === undefined ? [] : health(nodes))],
    credentials,
    packages: packagesOf(nodes),
  };
}

/** Gives the broker's address to every node that has one, and what is secret to `credentials`. */
function connect(
  example: readonly FlowNode[],
  { broker, flow, folder, processes }: WorkerOptions,
  credentials: Flow['credentials'],
): FlowNode[] {
  const nodes =
    broker.protocol === 'mqtt' ? overMqtt(example, broker) : overAmqp(example, broker, processes, folder);
  if (nodes.length === 0) {
    throw new Error(`${flow} does not speak ${broker.protocol}: choose another --broker, or another --kind`);
  }
  return example
    .map((node) => {
      const found = nodes.find(({ changed }) => changed.id === node.id);
      if (found?.credentials !== undefined) credentials[node.id] = found.credentials;
      return found?.changed ?? node;
    })
    .concat(broker.protocol === 'mqtt' && broker.tls ? [authority(broker, credentials)] : []);
}

/** A node that knows the broker now. */
interface Connected {
  changed: FlowNode;
  credentials?: Record<string, unknown>;
}

/** Node-RED's broker nodes. */
function overMqtt(example: readonly FlowNode[], { host, port, tls, user }: Broker): Connected[] {
  return example
    .filter(({ type }) => type === 'mqtt-broker')
    .map((node) => ({
      changed: { ...node, broker: host, port, usetls: tls, ...(tls ? { tls: TLS } : {}) },
      ...(user === undefined ? {} : { credentials: { user: user.name, password: user.password } }),
    }));
}

/** Tabs that have the broker among their environment variables; they keep the virtual host. */
function overAmqp(
  example: readonly FlowNode[],
  { host, port, tls, user }: Broker,
  processes: number,
  folder: string,
): Connected[] {
  const place = `amqp${tls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return example.flatMap((node) => {
    const variables = (node['env'] ?? []) as { name: string; value: string; type: string }[]; // as tabs have them
    if (!variables.some(({ name }) => name === 'RABBITMQ_URL')) return [];
    const change: Record<string, (value: string) => string> = {
      RABBITMQ_URL: (value) => value.replace(/^amqps?:\/\/[^/]*/, place),
      RABBITMQ_USER: (value) => user?.name ?? value,
      // One more than is looked at: the next is there when a process is free.
      RABBITMQ_PREFETCH: (value) => String(Math.max(Number(value), processes + 1)),
      // /tmp is emptied, and a service has one of its own.
      CSV: () => path.join(folder, 'archive', 'faces.csv'),
    };
    const env = variables.map((each) => ({ ...each, value: change[each.name]?.(each.value) ?? each.value }));
    const credentials = { RABBITMQ_PASSWORD: user?.password };
    return [{ changed: { ...node, env }, ...(user === undefined ? {} : { credentials }) }];
  });
}

/** The node with the authority that signed the broker's certificate. AMQP has it from the environment: there is no node for it. */
function authority({ ca }: Broker, credentials: Flow['credentials']): FlowNode {
  if (ca !== undefined) credentials[TLS] = { cadata: ca };
  return {
    ...{ id: TLS, type: 'tls-config', name: 'worker', verifyservercert: true },
    ...{ cert: '', key: '', ca: '', certname: '', keyname: '', caname: '', servername: '', alpnprotocol: '' },
  };
}

/** Nodes that answer GET /health: 200 while every node that takes messages from the broker is connected, else 503. */
function health(nodes: readonly FlowNode[]): FlowNode[] {
  const listeners = nodes.filter(
    (node) => node.type === 'mqtt in' || modulesOf(node).some((name) => name === 'amqplib'),
  );
  const z = listeners[0]?.['z'];
  const node = (id: string, type: string, config: object, to: string[]): FlowNode => ({
    ...{ id: `workerhealth0${id}`, type, z, x: 100, y: 460, ...config },
    wires: [to.map((each) => `workerhealth0${each}`)],
  });
  const note = `
    const states = flow.get('health') ?? {};
    states[msg.status.source.id] = msg.status.fill === 'green';
    flow.set('health', states);`;
  const answer = `
    const states = Object.values(flow.get('health') ?? {});
    const healthy = states.length === ${listeners.length} && states.every(Boolean);
    msg.statusCode = healthy ? 200 : 503;
    msg.payload = { healthy };
    return msg;`;
  return [
    node('001', 'status', { scope: listeners.map(({ id }) => id) }, ['002']),
    node('002', 'function', { func: note }, []),
    node('003', 'http in', { url: '/health', method: 'get' }, ['004']),
    node('004', 'function', { func: answer }, ['005']),
    node('005', 'http response', {}, []),
  ];
}

/** The packages of a flow's nodes, and those that its functions load. */
function packagesOf(nodes: readonly FlowNode[]): string[] {
  const modules = nodes.flatMap(modulesOf).filter((name) => !isBuiltin(name));
  const names = new Set([...nodes.flatMap(({ type }) => PACKAGES[type] ?? []), ...modules]);
  return [...names].map((name) => (VERSIONS[name] === undefined ? name : `${name}@${VERSIONS[name]}`));
}

/** What a function node loads. */
function modulesOf(node: FlowNode): string[] {
  const libraries = (node['libs'] ?? []) as { module: string }[]; // as function nodes have them
  return libraries.map(({ module }) => module);
}
