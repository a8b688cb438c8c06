// Preloaded into a detector process: SIGUSR2 makes it fill its heap until V8 gives up.
process.on('SIGUSR2', () => {
  const hog = [];
  for (;;) hog.push(new Array(100_000).fill(hog.length));
});
