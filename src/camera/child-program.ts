import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { FaceError } from '../errors';

/** How long a program may take to end after it was asked to, in ms, before it is killed. */
const END_DEADLINE_MS = 2_000;

/** Bytes of a program's complaints that are kept: their end tells most. */
const COMPLAINT_BYTES = 4_096;

/** A program that runs for a camera source. */
export interface ChildProgram {
  stdout: Readable;
  /** Resolves when the program has ended: its exit code, or null after a signal. */
  ended: Promise<number | null>;
  /** The last line that the program wrote to its error output. */
  complaint(): string;
  /** Asks the program to end, kills it if it does not, and waits until it is gone. */
  end(): Promise<void>;
}

/** What to tell a user who lacks the program. */
export interface ProgramHint {
  name: string;
  install: string;
}

/**
 * Starts a program without a shell: no text of a message can become a command.
 * @throws FaceError `camera-program-missing`
 */
export async function startProgram(
  command: string,
  parameters: readonly string[],
  { name, install }: ProgramHint,
): Promise<ChildProgram> {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(command, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-COMPLAINT_BYTES);
  });
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
  return {
    stdout: child.stdout,
    ended,
    complaint: () => stripVTControlCharacters(complaints).trim().split('\n').at(-1)?.trim() ?? '',
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
