/**
 * The program of a thread beside the detector: it ends the whole process when the one that started it has gone. The main
 * thread hears that itself, but not while it is busy with a picture, or caught in a loop.
 */
import { workerData } from 'node:worker_threads';

/** ms between two looks: no picture is lost by it, only a core is kept busy so long. */
const LOOK_EVERY_MS = 1000;

// `workerData` is what worker.ts gives: the parent's process id. Windows keeps it when the parent has gone.
setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, LOOK_EVERY_MS);
