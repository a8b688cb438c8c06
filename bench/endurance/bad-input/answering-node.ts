/**
 * The nodes that run inside Node-RED: `bad-input` makes the inputs and sends each to its node, `bad-answer` takes what
 * comes of it. Inputs are made here, since a function or a BigInt would not survive the way from another process.
 */
import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import { type BadInput, makeBadInput, type Message, type Target, targetOf, TARGETS } from './generators';
import { type Answer, judge } from './judge';
import type { Report, Task } from './protocol';
import { readSeedPictures } from './seed-pictures';

interface AnswerDef extends NodeDef {
  from: 'result' | 'error' | 'complete';
}

/** How long answers to one input may lie apart, in ms: a second one is a fault. */
const SECOND_ANSWER_MS = 20;

/** A pause of the event loop that is reported, in ms. */
const LONGEST_BLOCK_MS = 1_000;
const PULSE_MS = 50;

/** A process that was ended is started anew, and the next input waits for it: so much longer, in ms. */
const RESTART_MS = 15_000;

/** The property by which an answer is known; it is passed on as every other. */
const NUMBER = 'badInput';

export default function register(RED: NodeAPI): void {
  const open = new Map<number, { answer: Answer; begin: number; settle: () => void }>();
  const tell = (report: Report) => process.send?.(report);
  const fault = (text: string) => tell({ type: 'fault', text, numbers: [...open.keys()] });
  let restartedAt = -Infinity;

  function BadInputNode(this: Node, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    const send = (target: Target, message: Message) => {
      this.send(TARGETS.map((each) => (each === target ? (message as NodeMessage) : null)));
    };
    const listener = (task: Task) => void run(task, send).catch((error: unknown) => fault(String(error)));
    process.on('message', listener);
    this.on('close', () => process.off('message', listener));
  }

  function BadAnswerNode(this: Node, config: AnswerDef): void {
    RED.nodes.createNode(this, config);
    this.on('input', (message: NodeMessageInFlow, _send, done) => {
      take(config.from, message);
      done();
    });
  }

  function take(from: AnswerDef['from'], message: Message): void {
    const waiting = open.get(Number(message[NUMBER]));
    const code = from === 'error' ? codeOf(message) : undefined;
    if (code === 'detector-timeout' || code === 'detector-crashed') restartedAt = performance.now();
    if (waiting === undefined) {
      // A camera's own error belongs to no message.
      if (from === 'error' && (code === undefined || code === 'internal'))
        fault(`an error of no message: ${JSON.stringify(message['error']).slice(0, 300)}`);
      return;
    }
    const { answer, begin, settle } = waiting;
    answer.ms = performance.now() - begin;
    if (from === 'result') answer.results.push(message);
    else {
      if (from === 'error') {
        answer.errors.push(code);
        if (code === 'internal' || code === undefined) console.error(textOf(message));
      } else answer.completed++;
      settle();
    }
  }

  async function run(task: Task, send: (target: Target, message: Message) => void): Promise<void> {
    const seeds = readSeedPictures(task.folder);
    const numbers = new Map<Target, number[]>(TARGETS.map((target) => [target, []]));
    for (let number = task.from; number < task.to; number++) {
      numbers.get(targetOf(task.seed, number))?.push(number);
    }
    const pulse = startPulse();
    await Promise.all(
      TARGETS.flatMap((target) => {
        const queue = numbers.get(target)?.values();
        return Array.from({ length: task.lanes[target] }, async () => {
          for (const number of queue ?? []) await ask(makeBadInput(task.seed, number, seeds), task, send);
        });
      }),
    );
    tell({ type: 'end', longestBlockMs: pulse.stop() });
  }

  async function ask(
    { number, kind, target, message }: BadInput,
    task: Task,
    send: (target: Target, message: Message) => void,
  ): Promise<void> {
    tell({ type: 'sent', numbers: [number] });
    const deadlineMs = task.deadlinesMs[target];
    const sentAt = performance.now();
    const answer: Answer = { results: [], errors: [], completed: 0, ms: 0 };
    const extraMs = sentAt - restartedAt < RESTART_MS ? RESTART_MS : 0;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs + RESTART_MS + 1_000);
      const settle = () => {
        clearTimeout(timer);
        setTimeout(resolve, task.to - task.from === 1 ? 500 : target === 'detect' ? 0 : SECOND_ANSWER_MS);
      };
      open.set(number, { answer, begin: sentAt, settle });
      message[NUMBER] = number;
      try {
        send(target, message);
      } catch (error) {
        fault(`send threw ${String(error)}`);
        settle();
      }
    });
    if (target === 'camera') await reset(send);
    const pageFault = target === 'view' ? await lookAtView() : undefined;
    open.delete(number);
    const faults = judge(target, answer, deadlineMs + extraMs);
    if (pageFault !== undefined) faults.push(pageFault);
    const polluted = pollution();
    if (polluted !== undefined) faults.push(polluted);
    const outcome =
      answer.errors[0] ?? (answer.errors.length > 0 ? 'undefined' : answer.completed > 0 ? 'result' : 'none');
    tell({ type: 'verdict', verdict: { number, kind, outcome, ms: answer.ms, faults } });
  }

  /** Back to the camera of the dialog, and stopped. */
  async function reset(send: (target: Target, message: Message) => void): Promise<void> {
    send('camera', { payload: { source: null } });
    send('camera', { payload: 'stop' });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async function lookAtView(): Promise<string | undefined> {
    const url = `http://127.0.0.1:${String(RED.settings.uiPort)}/view/`;
    const [frame, faces] = await Promise.all([fetch(`${url}frame.jpg`), fetch(`${url}faces.json`)]);
    const text = frame.status === 200 ? '' : await frame.text();
    await frame.body?.cancel().catch(() => undefined);
    const isJson = faces.headers.get('content-type')?.includes('json') === true;
    await faces.arrayBuffer();
    if (![200, 500, 503].includes(frame.status) || /Please report|<html/i.test(text))
      return `the view answered ${frame.status} ${text.slice(0, 300)}`;
    return isJson ? undefined : `the view's faces answered ${faces.status}`;
  }

  /** Looks whether the event loop stood still, and for how long. */
  function startPulse(): { stop: () => number } {
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const blocked = now - last - PULSE_MS;
      last = now;
      longest = Math.max(longest, blocked);
      if (blocked > LONGEST_BLOCK_MS) fault(`the event loop stood still for ${Math.round(blocked)} ms`);
    }, PULSE_MS);
    return {
      stop: () => {
        clearInterval(timer);
        return longest;
      },
    };
  }

  RED.nodes.registerType('bad-input', BadInputNode);
  RED.nodes.registerType('bad-answer', BadAnswerNode);
}

const CLEAN = [Object.prototype, Array.prototype, Function.prototype].map(
  (prototype) => [prototype, Reflect.ownKeys(prototype).length] as const,
);

/** Tells when every object inherits something new. */
function pollution(): string | undefined {
  return CLEAN.some(([prototype, count]) => Reflect.ownKeys(prototype).length !== count)
    ? 'a prototype with new properties'
    : undefined;
}

function codeOf(message: Message): string | undefined {
  const { error } = message;
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

function textOf(message: Message): string {
  const { error } = message as { error?: { message?: string; stack?: string; source?: { type?: string } } };
  return `#${String(message[NUMBER])} ${error?.source?.type ?? ''}: ${error?.message ?? ''} ${error?.stack ?? ''}`;
}
