#!/usr/bin/env node
/**
 * Sets up one machine of several: `npx @mtcnn/node-red --broker mqtts://broker.lan --user detector --ca ca.crt --service`.
 * Run again it brings the machine up to date. docs/workers.md tells all.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MODELS } from '../src/networks/model-files';
import { type FlowNode, makeFlow } from './flow';
import { readOptions, USAGE, UsageError, type WorkerOptions } from './options';
import { makeServiceUser, startService } from './service';
import { type Command, commandOf, install, withoutChoices, writeFiles } from './user-directory';

const ROOT = path.dirname(MODELS);

function main(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new Error(`expected Node.js 20 or later, got ${process.versions.node}: install a newer one`);
  const { version } = readJson('package.json') as { version: string };
  const options = readOptions(process.argv.slice(2), process.env, version);
  if (options === undefined) console.log(USAGE);
  else setUp(options);
}

function setUp(options: WorkerOptions): void {
  const { broker, folder, then } = options;
  const flow = makeFlow(readJson('examples', `${options.flow}.json`) as FlowNode[], options);
  if (!broker.tls && !['localhost', '127.0.0.1', '::1'].includes(broker.host)) {
    console.warn(
      `warning: pictures and passwords go to ${broker.host} unencrypted: use ${broker.protocol}s:`,
    );
  }
  const owner = then === 'service' ? makeServiceUser(folder) : undefined;
  if (options.install) install(options, flow, owner);
  writeFiles(options, flow, owner);
  const command = commandOf(options);
  console.log(`${options.flow} for ${broker.host}:${broker.port} is in ${folder}`);
  if (then === 'service') startService(options);
  else if (then === 'start') run(command);
  else console.log(`To run it: ${inShell(command)}`);
}

/** A command as a shell takes it. */
function inShell({ program, parameters, environment }: Command): string {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${quote(value)}`);
  return [...variables, ...[program, ...parameters].map(quote)].join(' ');
}

/** Runs it, with our own input, output and end. */
function run({ program, parameters, environment }: Command): void {
  const env = { ...withoutChoices(process.env), ...environment };
  const child = spawn(program, parameters, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

/** A file of this package: we know what it holds. */
function readJson(...names: string[]): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, ...names), 'utf8'));
}

try {
  main();
} catch (error) {
  console.error(`mtcnn-worker: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
