/**
 * Preloaded by `--import` into a process that a test starts: it ends when its stdin does, and so with the test process, however that ends.
 * It keeps nothing running.
 */
process.stdin.once('close', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.resume();
// A pipe's stdin is a socket.
if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
