/**
 * The package as users install it, on every Node.js and every Node-RED that it is made for.
 *
 *   npm run matrix [-- --node 20,22,24] [--node-red 4.1,5] [--json]
 *
 * Packs the tarball, installs it into empty user directories, starts the real Node-RED with the quick-start flow, and
 * waits for faces at `/faces/faces.json`, with the expected engine and no error in the log. The special installs run
 * on the newest of the chosen versions. Node.js, npm and Node-RED come from the registry and are kept in `.matrix/`.
 *
 * Exit code 1 if one fails. With `--json` the last line is JSON: `{tarballMb, packages, treeMb, treeWithoutSharpMb,
 * coldInstallS, warmInstallS, starts: [{node, npm, nodeRed, what, engine, installS, facesS, failure}]}`.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  completeTfjsNode,
  fetchNode,
  fetchNodeRed,
  fetchPnpm,
  isNativeBuilt,
  KEPT,
  linkTfjsNode,
  makeProject,
  makeWorkFolder,
  measureTree,
  type NodeJs,
  pack,
  run,
  type Tree,
} from './installs';
import { descendantsOf } from './processes';
import { ROOT, startNodeRed } from './start-node-red';

/** Largest unpacked tarball, in megabytes. */
const MOST_MB = 6;

/** Longest time from the start of Node-RED to the first faces, in milliseconds: ten times what a small machine takes. */
const DEADLINE = 60_000;

/** The oldest Node.js that a Node-RED runs on. */
const NODE_REDS = [
  { range: '4.1', leastNode: 20 },
  { range: '5', leastNode: 22 },
];

/** What Node-RED's palette manager tells npm. */
const PALETTE_FLAGS = [
  ...['--no-audit', '--no-update-notifier', '--no-fund', '--save', '--save-prefix=~', '--omit=dev'],
  '--engine-strict',
];

interface Versions {
  nodeJs: NodeJs;
  nodeRed: { version: string; script: string };
}

/** One start of Node-RED in a user directory. */
interface Start {
  what: string;
  engine: 'wasm' | 'native';
  /** What is changed in the user directory first. */
  prepare?: (userDir: string) => unknown;
}

/** One install into an empty user directory, and the starts that follow, one after the other. */
interface Plan extends Versions {
  /** Name of the user directory. */
  folder: string;
  install: (userDir: string) => Promise<unknown>;
  starts: Start[];
}

interface Outcome {
  node: string;
  npm: string;
  nodeRed: string;
  what: string;
  engine: string;
  installS: number;
  facesS?: number;
  failure?: string;
}

interface Followed {
  installS: number;
  tree: Tree | undefined;
  outcomes: Outcome[];
}

const seconds = (since: number) => (performance.now() - since) / 1000;

const MANIFEST = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  'node-red': { nodes: object };
};
const QUICK_START = JSON.parse(
  readFileSync(path.join(ROOT, 'examples/quick-start.json'), 'utf8'),
) as unknown[];

/** Installs with the npm of a Node.js, and that Node.js. */
function npmInstall({ nodeJs }: Versions, ...parameters: string[]) {
  return (userDir: string) => run(nodeJs.node, [nodeJs.npm, 'install', ...parameters], userDir);
}

/** The two engines on every pair of versions. */
function ordinaryPlan(versions: Versions, tarball: string): Plan {
  return {
    ...versions,
    folder: 'user',
    install: npmInstall(versions, '--ignore-scripts', ...PALETTE_FLAGS, tarball),
    starts: [
      { what: 'scripts disabled', engine: 'wasm' },
      ...native({ what: 'tfjs-node', engine: 'native', prepare: linkTfjsNode }),
    ],
  };
}

/** These starts, where the native engine has been built. */
const native = (...starts: Start[]) => (isNativeBuilt() ? starts : []);

/** What happens to some users. */
function specialPlans(versions: Versions, tarball: string, work: string, pnpm: string): Plan[] {
  const plan = (folder: string, install: Plan['install'], ...starts: Start[]): Plan => ({
    ...versions,
    folder,
    install,
    starts,
  });
  const { node } = versions.nodeJs;
  const ordinary = ['--ignore-scripts', '--no-audit', '--no-fund'];
  const cache = ['--cache', path.join(work, 'cache')];
  const expectNoSharp = async (userDir: string) => {
    const loads = await run(node, ['-e', "require('sharp')"], userDir).then(
      () => true,
      () => false,
    );
    if (loads) throw new Error('sharp loads all the same');
  };
  return [
    plan('filling', npmInstall(versions, ...ordinary, ...cache, tarball), {
      what: 'from an empty cache',
      engine: 'wasm',
    }),
    plan(
      'offline',
      npmInstall(versions, ...ordinary, ...cache, '--offline', tarball),
      { what: 'offline from a filled cache', engine: 'wasm' },
      {
        what: "sharp's binaries removed",
        engine: 'wasm',
        prepare: async (userDir) => {
          rmSync(path.join(userDir, 'node_modules/@img'), { recursive: true });
          await expectNoSharp(userDir);
        },
      },
    ),
    plan('without-sharp', npmInstall(versions, ...ordinary, '--omit=optional', tarball), {
      what: 'optional packages left out',
      engine: 'wasm',
      prepare: expectNoSharp,
    }),
    plan(
      'Node-RED für Gesichter 顔',
      npmInstall(versions, ...PALETTE_FLAGS, '--', tarball),
      { what: 'as the palette manager does, into “Node-RED für Gesichter 顔”', engine: 'wasm' },
      ...native(
        {
          what: 'tfjs-node installed without its library',
          engine: 'wasm',
          prepare: npmInstall(versions, '--ignore-scripts', ...PALETTE_FLAGS, '@tensorflow/tfjs-node'),
        },
        { what: 'tfjs-node installed beside', engine: 'native', prepare: completeTfjsNode },
      ),
    ),
    // Its tree hides from a package what that package does not depend on.
    plan(
      'pnpm',
      (userDir) => run(node, [pnpm, 'add', '--store-dir', path.join(KEPT, 'pnpm-store'), tarball], userDir),
      { what: 'with pnpm', engine: 'wasm' },
    ),
  ];
}

/** Waits for the first faces of the quick start; tells which engine found them. */
async function firstFaces(url: string): Promise<string> {
  const end = performance.now() + DEADLINE;
  while (performance.now() < end) {
    const answer = await fetch(`${url}/faces/faces.json`).catch(() => undefined);
    if (answer?.ok === true) {
      const view = (await answer.json()) as { faces: unknown[]; detection?: { engine: string } };
      if (view.faces.length > 0) return view.detection?.engine ?? 'none';
    }
    await wait(50);
  }
  throw new Error(`no faces within ${DEADLINE / 1000} s`);
}

/** The nodes of this package that this Node-RED has loaded without an error. */
async function loadedNodes(url: string): Promise<number> {
  const answer = await fetch(`${url}/nodes`, { headers: { accept: 'application/json' } });
  const sets = (await answer.json()) as { module: string; err?: unknown }[];
  return sets.filter(({ module, err }) => module === MANIFEST.name && err === undefined).length;
}

/** Starts Node-RED, and waits for the first faces; how many seconds they took. */
async function start({ nodeJs, nodeRed }: Versions, userDir: string, { engine }: Start): Promise<number> {
  const begin = performance.now();
  const running = await Promise.race([
    startNodeRed({ userDir, flows: QUICK_START, node: nodeJs.node, script: nodeRed.script }),
    wait(DEADLINE, undefined, { ref: false }),
  ]);
  if (running === undefined) throw new Error(`Node-RED did not start within ${DEADLINE / 1000} s`);
  try {
    const found = await firstFaces(running.url);
    const took = seconds(begin);
    if (found !== engine) throw new Error(`expected the engine ${engine}, got ${found}`);
    const loaded = await loadedNodes(running.url);
    const all = Object.keys(MANIFEST['node-red'].nodes).length;
    if (loaded !== all) throw new Error(`${loaded} of ${all} nodes were loaded`);
    if (running.log().includes('[error]')) throw new Error('an error in the log');
    return took;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${running.log()}`);
  } finally {
    await running.stop({ keep: true });
  }
}

/** Installs into an empty user directory, and starts Node-RED there. */
async function follow(plan: Plan, userDir: string): Promise<Followed> {
  const { nodeJs, nodeRed, install, starts } = plan;
  const begin = performance.now();
  let failure = await install(makeProject(userDir)).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  const installS = seconds(begin);
  const tree = failure === undefined ? measureTree(userDir) : undefined;
  const outcomes: Outcome[] = [];
  for (const step of starts) {
    const outcome: Outcome = {
      ...{ node: nodeJs.version, npm: nodeJs.npmVersion, nodeRed: nodeRed.version },
      ...{ what: step.what, engine: step.engine, installS },
    };
    try {
      if (failure !== undefined) throw new Error(failure);
      await step.prepare?.(userDir);
      outcome.facesS = await start(plan, userDir, step);
    } catch (error) {
      failure = (error as Error).message;
      outcome.failure = failure;
    }
    outcomes.push(outcome);
    print(outcome);
  }
  return { installS, tree, outcomes };
}

function print({ node, npm, nodeRed, what, engine, installS, facesS, failure }: Outcome): void {
  const columns = [
    (failure === undefined ? 'ok' : 'FAILED').padEnd(6),
    `Node ${node}`.padEnd(13),
    `npm ${npm}`.padEnd(12),
    `Node-RED ${nodeRed}`.padEnd(15),
    engine.padEnd(6),
    `install ${installS.toFixed(1)} s`.padStart(14),
    `faces after ${facesS?.toFixed(1) ?? '–'} s`.padStart(19),
    what,
  ];
  console.log(columns.join('  '));
  if (failure !== undefined) console.log(failure);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      node: { type: 'string', default: '20,22,24' },
      'node-red': { type: 'string', default: NODE_REDS.map(({ range }) => range).join(',') },
      json: { type: 'boolean', default: false },
    },
  });
  const majors = values.node.split(',').map(Number);
  const pairs = majors.flatMap((major) =>
    NODE_REDS.filter(({ range }) => values['node-red'].split(',').includes(range))
      .filter(({ leastNode }) => major >= leastNode)
      .map(({ range }) => ({ major, range })),
  );
  if (pairs.length === 0) throw new Error('no Node-RED that was chosen runs on a Node.js that was chosen');

  const work = makeWorkFolder();
  try {
    const tarball = await pack(work);
    const all: Versions[] = [];
    for (const { major, range } of pairs) {
      all.push({ nodeJs: await fetchNode(major), nodeRed: await fetchNodeRed(range) });
    }
    const newest = all.at(-1)!; // there is a pair
    const special = specialPlans(newest, tarball.file, work, await fetchPnpm());
    const plans = [...all.map((versions) => ordinaryPlan(versions, tarball.file)), ...special];
    const followed = new Map<string, Followed>(); // of plans of one name, the last: on the newest versions
    const starts: Outcome[] = [];
    for (const [index, plan] of plans.entries()) {
      const done = await follow(plan, path.join(work, String(index), plan.folder));
      followed.set(plan.folder, done);
      starts.push(...done.outcomes);
    }
    if (!isNativeBuilt()) console.log('skipped: the native engine, which `npm run native` builds');
    const summary = {
      tarballMb: tarball.unpackedMb,
      packages: followed.get('user')?.tree?.packages,
      treeMb: followed.get('user')?.tree?.mb,
      treeWithoutSharpMb: followed.get('without-sharp')?.tree?.mb,
      coldInstallS: followed.get('filling')?.installS,
      warmInstallS: followed.get('user')?.installS,
    };
    console.table(JSON.parse(JSON.stringify(summary, rounded)));
    const tooLarge = tarball.unpackedMb > MOST_MB;
    if (tooLarge) console.log(`FAILED  the tarball unpacks to more than ${MOST_MB} MB`);
    const failed = starts.filter(({ failure }) => failure !== undefined).length + Number(tooLarge);
    const skipped = isNativeBuilt() ? 0 : all.length + 2;
    console.log(`${starts.length + 1 - failed} passed, ${failed} failed, ${skipped} skipped`);
    if (values.json) console.log(JSON.stringify({ ...summary, starts }, rounded));
    if (failed > 0 || (skipped > 0 && process.env['REQUIRE_ALL'] === '1')) process.exitCode = 1;
  } finally {
    // A Node-RED that never came up.
    for (const pid of descendantsOf(process.pid)) process.kill(pid, 'SIGKILL');
    rmSync(work, { recursive: true, force: true });
  }
}

const rounded = (_key: string, value: unknown) =>
  typeof value === 'number' ? Number(value.toFixed(2)) : value;

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
