/**
 * Preloaded into every program of Node-RED's environment, and of use in detector processes alone: one signal makes them
 * spin, the other fill their heap until V8 gives up.
 */
export const HANG: NodeJS.Signals = 'SIGUSR2';
export const FILL: NodeJS.Signals = 'SIGHUP';

if (process.argv[1]?.endsWith('/detector/worker.js') === true) {
  process.on(HANG, () => {
    for (;;);
  });
  process.on(FILL, () => {
    const hog: number[][] = [];
    for (;;) hog.push(new Array<number>(100_000).fill(hog.length));
  });
}
