import type { WorkerOptions } from './options';

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

/** Who brings the nodes of a type. */
const PACKAGES: Record<string, string> = { 'ui-base': '@flowfuse/node-red-dashboard' };

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
  { broker, flow }: WorkerOptions,
  credentials: Flow['credentials'],
): FlowNode[] {
  if (broker.protocol !== 'mqtt' || !example.some(({ type }) => type === 'mqtt-broker')) {
    throw new Error(`${flow} does not speak ${broker.protocol}: choose another --broker, or another --kind`);
  }
  const tls: FlowNode = {
    ...{ id: 'workertls0000000', type: 'tls-config', name: 'worker' },
    ...{ cert: '', key: '', ca: '', certname: '', keyname: '', caname: '', servername: '', alpnprotocol: '' },
    verifyservercert: true,
  };
  if (broker.ca !== undefined) credentials[tls.id] = { cadata: broker.ca };
  const nodes = example.map((node) => {
    if (node.type !== 'mqtt-broker') return node;
    if (broker.user !== undefined) {
      credentials[node.id] = { user: broker.user.name, password: broker.user.password };
    }
    return {
      ...{ ...node, broker: broker.host, port: broker.port, usetls: broker.tls },
      ...(broker.tls ? { tls: tls.id } : {}),
    };
  });
  return broker.tls ? [...nodes, tls] : nodes;
}

/** Nodes that answer GET /health: 200 while every node that takes messages from the broker is connected, else 503. */
function health(nodes: readonly FlowNode[]): FlowNode[] {
  const listeners = nodes.filter(({ type }) => type === 'mqtt in');
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
  const libraries = nodes.flatMap((node) => (node['libs'] ?? []) as { module: string }[]); // as function nodes have them
  const modules = libraries.map(({ module }) => module).filter((name) => !name.startsWith('node:'));
  return [...new Set([...nodes.flatMap(({ type }) => PACKAGES[type] ?? []), ...modules])];
}
