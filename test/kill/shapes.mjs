import { fileURLToPath } from 'node:url'

const here = path => fileURLToPath(new URL(path, import.meta.url))

/** A request takes some 35 ms, whatever else is under way. */
const knobs = {
  itlMs: 3,
  batchScale: Number.POSITIVE_INFINITY,
  maxBatch: 64,
  prefillBaseMs: 5,
  prefillTokensPerSec: Number.POSITIVE_INFINITY,
  outputTokens: 10,
}
const text = ['--prompt', 'hello there']

/** Files that some shapes read, by name, made once for all kills. */
export const inputFiles = {
  // 2000 words, so that counting them takes a while.
  'words.txt': 'the old cat sees the dog '.repeat(330),
  // 800 of them fill the log of the database, which is moved into its file from 64 MB on.
  'long.txt': 'all work and no play '.repeat(5000),
  'turns.jsonl': `${JSON.stringify(['one', 'two', 'three'].map(content => ({ role: 'user', content })).flatMap(turn => [turn, { role: 'assistant', content: 'yes' }]))}\n`,
}

/**
 * What is started and killed. `requests` are all that a server gets, `warmup` of them before the measured ones;
 * `perRun` is what each run has measured at its end. Without `knobs` the program starts a server of its own.
 */
export const shapes = [
  { name: 'closed', flags: [...text, '--parallel', '8', '-n', '160'], requests: 160, perRun: 160 },
  { name: 'open loop', flags: [...text, '--open-loop', '--rate', '150', '-n', '120'], requests: 120, perRun: 120 },
  {
    name: 'two threads',
    flags: [...text, '--workers', '2', '--parallel', '8', '-n', '160'],
    requests: 160,
    perRun: 160,
  },
  {
    name: 'multi-turn',
    flags: [
      '--multi-turn',
      '--dataset',
      'custom_multi_turn',
      '--dataset-path',
      'turns.jsonl',
      ...'--parallel 6 -n 40'.split(' '),
    ],
    requests: 120,
    perRun: 120,
  },
  {
    name: 'warm-up',
    flags: [...text, '--warmup-num', '60', '--parallel', '8', '-n', '80'],
    requests: 140,
    warmup: 60,
    perRun: 80,
  },
  {
    name: 'counting',
    flags: [
      ...['--prompt', '@words.txt', '--tokenizer-path', here('../fixtures/tokenizers/words')],
      ...['--extra-args', '{"stream_options": null}', '--parallel', '8', '-n', '160'],
    ],
    requests: 160,
    perRun: 160,
  },
  {
    name: 'other driver',
    flags: [...text, '--parallel', '8', '-n', '160'],
    requests: 160,
    perRun: 160,
    preload: here('without-native.cjs'),
  },
  {
    name: 'sweep',
    flags: [...text, '--parallel', '2', '8', '-n', '40', '--sleep-interval', '0'],
    requests: 80,
    perRun: 40,
  },
  {
    name: 'long bodies',
    flags: ['--prompt', '@long.txt', '--parallel', '16', '-n', '800'],
    requests: 800,
    perRun: 800,
    isLong: true,
  },
  {
    name: 'own server',
    flags: [...text, '--api', 'simulated', '--parallel', '8', '-n', '60'],
    perRun: 60,
    hasOwnServer: true,
  },
].map(shape => ({
  warmup: 0,
  isLong: false,
  hasOwnServer: false,
  ...shape,
  knobs: shape.hasOwnServer ? undefined : knobs,
}))

/** Where the time of a kill is counted from, and the shortest and longest time in ms from there on. */
export const anchors = {
  start: { isReached: () => true, spanMs: [5, 1500] },
  answered: { isReached: ({ stderr }) => /^connection test: answered/m.test(stderr), spanMs: [0.5, 200] },
  'warm-up': { isReached: ({ server }) => (server?.requests.size ?? 0) > 0, spanMs: [0.5, 400] },
  load: { isReached: ({ server, shape }) => (server?.requests.size ?? 0) > shape.warmup, spanMs: [1, 900] },
  loaded: { isReached: ({ server, shape }) => server?.finished === shape.requests, spanMs: [0.5, 400] },
  shown: { isReached: ({ stdout }) => stdout !== '', spanMs: [0.3, 60] },
}

/** The anchors that a shape has, those of the load twice: it is the longest part of a run. */
export const anchorsOf = shape => {
  if (shape.hasOwnServer) return ['start', 'answered', 'answered', 'shown']
  const names = Object.keys(anchors).filter(name => name !== 'warm-up' || shape.warmup > 0)
  return [...names, 'load', ...(shape.warmup > 0 ? ['warm-up'] : [])]
}

/** In which part of a run a moment lies, as seen from outside. */
export const phaseOf = ({ server, shape, stdout, stderr, hasEnded }) => {
  if (hasEnded) return 'over'
  if (stdout !== '') return 'tables, files'
  if (shape.hasOwnServer) return anchors.answered.isReached({ stderr }) ? 'load' : 'start-up'
  if (!server.wasProbed) return 'start-up'
  if (server.requests.size === 0) return 'first request'
  if (server.requests.size <= shape.warmup) return 'warm-up'
  return server.finished < shape.requests ? 'load' : 'after the load'
}

/** All phases in their order. */
export const phases = ['start-up', 'first request', 'warm-up', 'load', 'after the load', 'tables, files', 'over']
