import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { FaceError } from '../errors';
import { redactText } from './redact';

/** How long a program may take to end after it was asked to, in ms, before it is killed. */
const END_DEADLINE_MS = 2_000;

/** Bytes of a program's complaints that are kept: their end tells most. */
const COMPLAINT_BYTES = 16_384;

/** A program that runs for a camera source. */
export interface ChildProgram {
  stdout: Readable;
  /** Resolves when the program has ended: its exit code, or null after a signal. */
  ended: Promise<number | null>;
  /** What the program wrote to its error output of late, without secrets. */
  complaints(): string;
  /** The last line of it. */
  complaint(): string;
  /** Asks the program to end, kills it if it does not, and waits until it is gone. */
  end(): Promise<void>;
}

/** What to tell a user who lacks the program. */
export interface ProgramHint {
  name: string;
  install: string;
}

export interface ProgramConfig {
  command: string;
  parameters: readonly string[];
  hint: ProgramHint;
  /** Written to the program's standard input, which other users of the machine cannot see as they see parameters. */
  input?: string;
  /** What must not appear in {@link ChildProgram.complaints}. */
  secrets?: readonly (string | undefined)[];
}

/**
 * Starts a program without a shell: no text of a message can become a command.
 * @throws FaceError `camera-program-missing`
 */
export async function startProgram({
  command,
  parameters,
  hint: { name, install },
  input = '',
  secrets = [],
}: ProgramConfig): Promise<ChildProgram> {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(command, parameters, {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-COMPLAINT_BYTES);
  });
  // A program that ends before it has read its input has said why elsewhere.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  // A start that fails ends in 'error', which the line below reports; nobody else must hear of it.
  ended.catch(() => undefined);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new FaceError(
      {
        code: 'camera-program-missing',
        expected: `the program ${name}`,
        got: error instanceof Error && 'code' in error ? String(error.code) : 'a failure to start it',
        hint: install,
      },
      error,
    );
  }
  child.stdin.end(input);
  // ffmpeg's memory addresses say nothing, and make the same complaint another each time.
  const clean = () =>
    redactText(
      stripVTControlCharacters(complaints)
        .replace(/ @ 0x[\da-f]+/g, '')
        .trim(),
      secrets,
    );
  return {
    stdout: child.stdout,
    ended,
    complaints: clean,
    complaint: () => clean().split('\n').at(-1)?.trim() ?? '',
    async end() {
      child.stdout.destroy();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const killer = setTimeout(() => child.kill('SIGKILL'), END_DEADLINE_MS);
        await ended;
        clearTimeout(killer);
      }
    },
  };
}

/**
 * Ends a program when a signal is aborted.
 * @returns to be called in the end in any case: waits until the program is gone, and listens no more
 */
export function endOnAbort(program: ChildProgram, signal: AbortSignal): () => Promise<void> {
  const abort = () => void program.end();
  signal.addEventListener('abort', abort, { once: true });
  return () => {
    signal.removeEventListener('abort', abort);
    return program.end();
  };
}

/** How long a program that answers a question may take, in ms: a sleeping USB camera needs a few seconds to wake. */
const ANSWER_DEADLINE_MS = 10_000;

/**
 * Runs a program that ends by itself.
 * @returns what it wrote to its output and to its error output, and whether it succeeded
 * @throws FaceError `camera-program-missing`
 */
export async function askProgram(
  config: ProgramConfig,
): Promise<{ output: string; complaints: string; succeeded: boolean }> {
  const program = await startProgram(config);
  const end = endOnAbort(program, AbortSignal.timeout(ANSWER_DEADLINE_MS));
  try {
    let output = '';
    program.stdout.setEncoding('utf8');
    for await (const chunk of program.stdout) output += String(chunk);
    const code = await program.ended;
    return { output, complaints: program.complaints(), succeeded: code === 0 };
  } catch {
    return { output: '', complaints: program.complaints(), succeeded: false }; // ended at the deadline
  } finally {
    await end();
  }
}
