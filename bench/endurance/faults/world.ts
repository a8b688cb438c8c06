/** The Node-RED that the faults happen to, its cameras' servers, its disk, and the books. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { commandOf, isRunning, processesWith } from '../../processes';
import { freePort, makeUserDir, type RunningNodeRed, startNodeRed } from '../../start-node-red';
import { Books, type Entry } from './books';
import { CAMERAS, type CameraName, type FlowNode, makeFlow, programsOf, WITHOUT_FACES } from './flow';
import { type CameraServer, startServers } from './servers';
import { mountDisk, type TemporaryDisk } from './temporary-disk';

const RECORDER = path.join(__dirname, 'recorder.js');
const FAULTY_DETECTOR = path.join(__dirname, 'faulty-detector.js');

/** Heap of each process below Node-RED, in megabytes: a few times of what it needs, and soon full. */
const HEAP_MB = 192;

/** How often the processes are looked at, in ms. */
const LOOK_MS = 25;

export type DeployType = 'full' | 'flows' | 'nodes';

const PROGRAMS: Record<keyof ReturnType<typeof programsOf>, RegExp> = {
  detector: /\/detector\/worker\.js/,
  ffmpeg: /^ffmpeg /,
  fswebcam: /^(\/bin\/sh -c exec )?fswebcam /,
};
export type ProgramName = keyof typeof PROGRAMS;

export class World {
  readonly books = new Books();
  readonly servers: { rtsp: CameraServer; mjpeg: CameraServer };
  /** Nothing where this machine permits no disk of its own. */
  readonly disk: TemporaryDisk | undefined;
  /** The flow as it is wanted; {@link deploy} makes it so for a while. */
  readonly flow: FlowNode[];
  readonly #folder: string;
  readonly #temporary: string;
  readonly #userDir = makeUserDir();
  readonly #port: number;
  #nodeRed: RunningNodeRed | undefined;
  #running: FlowNode[];
  #revision = 0;
  /** When the newest frame with an answer was taken, by camera, in ms since 1970; with faces, where it has some. */
  readonly #answered = new Map<string, number>();
  readonly #arrivals = new Set<() => void>();

  private constructor(
    folder: string,
    port: number,
    servers: World['servers'],
    { temporary, disk }: { temporary: string; disk: TemporaryDisk | undefined },
  ) {
    this.#folder = folder;
    this.#port = port;
    this.servers = servers;
    this.disk = disk;
    this.#temporary = temporary;
    this.flow = makeFlow({ rtsp: servers.rtsp.address, mjpeg: servers.mjpeg.address });
    this.#running = this.flow;
  }

  static async start(): Promise<World> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'faults-'));
    const temporary = path.join(folder, 'tmp');
    const disk = mountDisk(temporary);
    const servers = await startServers(folder);
    const world = new World(folder, await freePort(), servers, { temporary, disk });
    await world.startNodeRed();
    return world;
  }

  get log(): string {
    return this.#nodeRed?.log() ?? '';
  }

  /** Another number at each call: for nodes that shall count as changed. */
  nextRevision(): number {
    return ++this.#revision;
  }

  async startNodeRed(): Promise<void> {
    this.#running = this.flow;
    this.#nodeRed = await startNodeRed({
      port: this.#port,
      userDir: this.#userDir,
      flows: this.flow,
      environment: {
        TMPDIR: this.#temporary,
        NODE_OPTIONS: `--require ${FAULTY_DETECTOR} --max-old-space-size=${HEAP_MB}`,
      },
      preload: `require(${JSON.stringify(RECORDER)});`,
      onMessage: (message) => this.#take(message as Entry), // of our recorder
    });
  }

  /** Ends Node-RED by a signal, and waits until it is gone. */
  async endNodeRed(signal: NodeJS.Signals): Promise<void> {
    const child = this.#nodeRed?.process;
    if (child === undefined) return;
    // All that it told has arrived when its channel is closed.
    const told = child.connected ? once(child, 'disconnect') : Promise.resolve();
    const ended =
      child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
    child.kill(signal);
    await Promise.all([told, ended]);
    this.#nodeRed = undefined;
    this.#running = [];
    this.books.end();
  }

  /** Deploys as the editor does: Node-RED answers before the flow runs. */
  async deploy(flow: FlowNode[], type: DeployType): Promise<void> {
    this.#running = flow;
    const response = await fetch(`${this.#nodeRed?.url}/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': type },
      body: JSON.stringify(flow),
    });
    if (!response.ok) throw new Error(`Node-RED did not deploy: HTTP status ${response.status}`);
  }

  /** Resolves when a frame has just reached a detect node. */
  nextArrival(): Promise<void> {
    return new Promise((resolve) => this.#arrivals.add(resolve));
  }

  /** Process ids of the programs of one kind that run below Node-RED. */
  programs(name: ProgramName): number[] {
    return this.#processes().filter((pid) => PROGRAMS[name].test(commandOf(pid)));
  }

  /** One program of a kind, as soon as there is one. */
  async program(name: ProgramName, pick: (pids: [number, ...number[]]) => number): Promise<number> {
    for (;;) {
      const [first, ...others] = this.programs(name);
      if (first !== undefined) return pick([first, ...others]);
      await wait(LOOK_MS / 5);
    }
  }

  /** What is missing for the flow to work as it should since a moment (ms since 1970): nothing, if all is well. */
  missing(since: number): string[] {
    return [
      ...CAMERAS.filter((camera) => this.#runs(camera) && !((this.#answered.get(camera) ?? 0) > since)).map(
        (camera) => `no answer to a frame of ${camera}`,
      ),
      ...this.strays(),
      ...this.litter(),
    ];
  }

  /** Processes that should not be, or that lack. */
  strays(): string[] {
    const commands = this.#processes()
      .filter((pid) => pid !== this.#nodeRed?.process.pid)
      .map((pid) => ({ pid, command: commandOf(pid) }))
      .filter(({ pid, command }) => command !== '' || isRunning(pid));
    const expected = programsOf(this.#running);
    const wrong = Object.entries(PROGRAMS).flatMap(([name, pattern]) => {
      const count = commands.filter(({ command }) => pattern.test(command)).length;
      const [least, most] = expected[name as ProgramName]; // the keys of PROGRAMS
      return count >= least && count <= most
        ? []
        : [`${count} processes of ${name} instead of ${least} to ${most}`];
    });
    const unknown = commands.filter(
      ({ command }) => !Object.values(PROGRAMS).some((each) => each.test(command)),
    );
    return [
      ...wrong,
      ...unknown.map(({ pid, command }) => `a stray process ${pid} (${command.slice(0, 80)})`),
    ];
  }

  /** Files in the temporary folder that should not be there. */
  litter(): string[] {
    const files = readdirSync(this.#temporary);
    const most = this.#runs('webcam') ? 1 : 0;
    return files.length <= most ? [] : [`${files.length} files in the temporary folder: ${files.join(', ')}`];
  }

  /** Waits until `missing` tells of nothing; what it tells at the end of the time. */
  async settle(missing: () => string[], withinMs: number): Promise<string[]> {
    const end = performance.now() + withinMs;
    for (;;) {
      const now = missing();
      if (now.length === 0 || performance.now() > end) return now;
      await wait(LOOK_MS);
    }
  }

  /** Ends everything; what is left of it after a moment. */
  async close(withinMs: number): Promise<string[]> {
    await this.endNodeRed('SIGINT');
    const left = await this.settle(() => [...this.strays(), ...this.litter()], withinMs);
    for (const pid of this.#processes()) process.kill(pid, 'SIGKILL');
    await Promise.all(Object.values(this.servers).map((server) => server.close()));
    this.disk?.remove();
    rmSync(this.#folder, { recursive: true });
    rmSync(this.#userDir, { recursive: true });
    return left;
  }

  /** Every process that has Node-RED's temporary folder in its environment, and so Node-RED among its ancestors. */
  #processes(): number[] {
    return processesWith('TMPDIR', this.#temporary);
  }

  #runs(id: CameraName): boolean {
    return this.#running.some((node) => node.id === id);
  }

  #take(entry: Entry): void {
    this.books.enter(entry);
    if (entry.what === 'arrived') {
      for (const resolve of this.#arrivals) resolve();
      this.#arrivals.clear();
    } else if (entry.what === 'found') {
      const { camera, faces, takenAt } = entry;
      const sees = faces > 0 || (WITHOUT_FACES as readonly string[]).includes(camera);
      if (sees) this.#answered.set(camera, Math.max(takenAt, this.#answered.get(camera) ?? 0));
    }
  }
}
