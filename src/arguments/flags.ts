import type { FlagField } from './arguments.ts'
import { ciFlags } from './ci-flags.ts'
import { datasetNames } from './dataset-names.ts'
import { type FlagRow, type FlagTable, longestSec } from './flag-row.ts'
import { followFlags } from './follow-flags.ts'
import { gateFlags } from './gate-flags.ts'
import { loadFlags } from './load-flags.ts'
import { slaFlags } from './sla-flags.ts'
import { endingsByApi } from './url-endings.ts'

const endpoint = {
  url: { kind: 'string', arity: 'one', help: 'endpoint; /v1/chat/completions is added to a bare one' },
  api: {
    kind: 'string',
    arity: 'one',
    default: 'openai',
    help: `protocol: ${Object.keys(endingsByApi).join(', ')}, or the path of a plugin; simulated, local and local_vllm start a server for you`,
  },
  model: { kind: 'string', arity: 'one', help: 'model name to send', otherwise: 'asked from the endpoint' },
  apiKey: {
    kind: 'string',
    arity: 'one',
    help: 'sent as Authorization: Bearer; by --api anthropic as x-api-key',
    otherwise: 'EVALSCOPE_API_KEY; for api.openai.com also OPENAI_API_KEY',
  },
  headers: { kind: 'pairs', default: {}, help: 'headers of every request, name=value' },
  connectTimeout: {
    kind: 'number',
    arity: 'one',
    above: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'longest wait for a connection',
    otherwise: 'the read timeout',
  },
  readTimeout: {
    kind: 'number',
    arity: 'one',
    default: 600,
    above: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'longest silence of the server, before the first byte and after',
  },
  totalTimeout: {
    kind: 'number',
    arity: 'one',
    default: 21_600,
    above: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'longest duration of a request, and of the start of --api local_vllm',
  },
  readyTimeout: {
    kind: 'number',
    arity: 'one',
    min: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'how long the connection test tries again while a server starts',
    otherwise: '30 s, or the connect timeout if less',
  },
  port: {
    kind: 'int',
    arity: 'one',
    default: 8877,
    min: 1,
    max: 65_535,
    help: 'of the server that --api local or local_vllm starts',
  },
  attnImplementation: { kind: 'string', arity: 'one', help: 'accepted for --api local; it has no effect here' },
  noTestConnection: { kind: 'flag', default: false, help: 'skip the connection test before the first run' },
  insecure: { kind: 'flag', default: false, help: 'accept any TLS certificate' },
  noKeepalive: { kind: 'flag', default: false, help: 'open a new connection for every request' },
} satisfies Partial<FlagTable>

const request = {
  stream: { kind: 'flag', negatable: true, default: true, help: 'ask for streamed answers' },
  maxTokens: {
    kind: 'int',
    arity: 'range',
    default: { min: 2048, max: 2048 },
    min: 1,
    unit: 'tokens',
    help: 'output limit; with two values drawn between them for each request',
  },
  minTokens: { kind: 'int', arity: 'one', min: 0, unit: 'tokens', help: 'least output' },
  temperature: { kind: 'number', arity: 'one', default: 0, min: 0, help: 'sampling temperature' },
  topP: { kind: 'number', arity: 'one', min: 0, max: 1, help: 'nucleus sampling mass' },
  topK: { kind: 'int', arity: 'one', min: -1, help: 'sample from the k likeliest tokens' },
  frequencyPenalty: { kind: 'number', arity: 'one', help: 'penalty on tokens by how often they occurred' },
  repetitionPenalty: { kind: 'number', arity: 'one', help: 'multiplicative penalty on repeated tokens' },
  logprobs: { kind: 'flag', default: false, help: 'ask for log probabilities' },
  nChoices: { kind: 'int', arity: 'one', min: 1, help: 'choices per request' },
  // The range of numpy's seeds, which the original feeds with this flag.
  seed: {
    kind: 'int',
    arity: 'one',
    min: 0,
    max: 4_294_967_295,
    help: 'of all we draw; also sent in the body',
    otherwise: 'drawn, told, and not sent',
  },
  stop: { kind: 'string', arity: 'many', mayBeEmpty: true, help: 'texts that end the output' },
  stopTokenIds: { kind: 'int', arity: 'many', min: 0, help: 'token ids that end the output' },
  extraArgs: {
    kind: 'json',
    default: {},
    example: '{"ignore_eos": true}',
    help: 'merged into the body last; wins over everything, and null leaves a key out',
  },
  queryTemplate: {
    kind: 'json',
    mayBeFile: true,
    example: '{"model": "%m", "prompt": "%p"}',
    help: 'body to start from, JSON or @file; %m is the model, %p the prompt or query, %d each document; flags you set win over it',
  },
} satisfies Partial<FlagTable>

const prompts = {
  dataset: {
    kind: 'string',
    arity: 'one',
    default: 'openqa',
    help: `prompts: ${datasetNames.join(', ')}, or the path of a plugin`,
  },
  datasetPath: { kind: 'path', arity: 'one', help: 'file or directory of the dataset' },
  dataSource: {
    kind: 'string',
    arity: 'one',
    default: 'modelscope',
    choices: ['modelscope', 'huggingface', 'local'],
    unit: 'hub',
    help: 'where datasets, tokenizers and models come from: modelscope, huggingface, or local, which downloads nothing',
  },
  datasetOffset: { kind: 'int', arity: 'one', default: 0, min: 0, help: 'where in the dataset the first run begins' },
  datasetArgs: {
    kind: 'json',
    default: {},
    mayBeFile: true,
    example: '{"target_input_len": 1000}',
    help: 'options of the dataset: JSON or @file',
  },
  multiTurn: {
    kind: 'flag',
    default: false,
    help: 'hold conversations: each turn follows the answer to the one before, with the history; --parallel, --number and --rate count them',
  },
  minTurns: { kind: 'int', arity: 'one', default: 1, min: 1, help: 'fewest turns of a drawn conversation' },
  maxTurns: { kind: 'int', arity: 'one', min: 1, help: 'most turns of a conversation', otherwise: 'all that it has' },
  multiTurnArgs: {
    kind: 'json',
    mayBeFile: true,
    example: '{"first_turn_length": 1000}',
    help: 'older spelling of --dataset-args, which wins',
  },
  prompt: { kind: 'string', arity: 'one', mayBeFile: true, help: 'this text or @file, instead of a dataset' },
  minPromptLength: {
    kind: 'int',
    arity: 'one',
    default: 0,
    min: 0,
    unit: 'tokens with a tokenizer, else characters',
    help: 'shortest prompt',
  },
  maxPromptLength: {
    kind: 'int',
    arity: 'one',
    default: 131_072,
    min: 1,
    unit: 'tokens with a tokenizer, else characters',
    help: 'longest prompt',
  },
  prefixLength: {
    kind: 'int',
    arity: 'one',
    default: 0,
    min: 0,
    unit: 'tokens',
    help: 'beginning that all random prompts share',
  },
  tokenizerPath: { kind: 'path', arity: 'one', help: "directory of the model's tokenizer, or its id on the hub" },
  applyChatTemplate: {
    kind: 'flag',
    negatable: true,
    help: 'wrap prompts as chat messages',
    otherwise: 'as the URL says',
  },
  tokenizePrompt: { kind: 'flag', default: false, help: 'send token ids, to /completions' },
  numWorkers: {
    kind: 'int',
    arity: 'one',
    default: 0,
    min: 0,
    max: 256,
    help: 'threads that make prompts; 1 for none beside the one that sends, 0 for as many as pay; not --workers',
  },
  imageWidth: { kind: 'int', arity: 'one', default: 224, min: 1, max: 8192, unit: 'pixels', help: 'of a drawn image' },
  imageHeight: { kind: 'int', arity: 'one', default: 224, min: 1, max: 8192, unit: 'pixels', help: 'of a drawn image' },
  imageNum: { kind: 'int', arity: 'one', default: 1, min: 1, max: 1000, help: 'drawn images in a prompt' },
  imageFormat: {
    kind: 'string',
    arity: 'one',
    default: 'RGB',
    choices: ['L', 'RGB', 'RGBA'],
    help: 'channels of a drawn image, which is a PNG: grey, colour, and with opacity',
  },
  imagePatchSize: {
    kind: 'int',
    arity: 'one',
    default: 28,
    min: 1,
    unit: 'pixels',
    help: 'side of the square of an image that is one token, where the server does not count',
  },
} satisfies Partial<FlagTable>

const output = {
  from: {
    kind: 'path',
    arity: 'one',
    help: 'directory of a run, or of all runs of a benchmark, to make again; other flags replace those of then',
  },
  name: { kind: 'string', arity: 'one', help: 'name of the results directory', otherwise: 'the model' },
  outputsDir: { kind: 'path', arity: 'one', default: 'outputs', help: 'where results go' },
  noTimestamp: { kind: 'flag', default: false, help: 'no directory level for the time of the start' },
  percentiles: {
    kind: 'number',
    arity: 'many',
    default: [1, 5, 10, 25, 50, 75, 90, 95, 99],
    above: 0,
    below: 100,
    help: 'levels of the percentile table, beside min and max',
  },
  saveResponses: {
    kind: 'string',
    arity: 'one',
    default: 'full',
    choices: ['full', 'text', 'failed', 'none'],
    unit: 'which',
    help: 'answers that the database keeps: full, text (alone), failed (only those), or none',
    otherwise: 'full; for embeddings failed',
  },
  noSaveRequests: { kind: 'flag', default: false, help: 'the database keeps no bodies of requests' },
  dbCommitInterval: { kind: 'int', arity: 'one', default: 1000, min: 1, help: 'most rows in one commit' },
  logEveryNQuery: { kind: 'int', arity: 'one', default: 100, min: 1, help: 'requests between two logged figures' },
  json: { kind: 'flag', default: false, help: 'one JSON document on stdout instead of tables' },
  strict: { kind: 'flag', default: false, help: 'exit with 1 when the verdict of a run is SUSPECT or INVALID' },
  definitions: { kind: 'flag', default: false, help: 'say what each figure means, below the report' },
  debug: { kind: 'flag', default: false, help: 'requests and answers go to benchmark.log' },
} satisfies Partial<FlagTable>

/** Every supported flag, by its field; a missing row, or one too many, does not compile. */
export const flags: FlagTable = {
  ...endpoint,
  ...loadFlags,
  ...slaFlags,
  ...request,
  ...prompts,
  ...output,
  ...followFlags,
  ...gateFlags,
  ...ciFlags,
}

/** The flags as `--help` groups them. */
export const flagTopics: readonly (readonly [topic: string, fields: readonly FlagField[]])[] = [
  ['Endpoint', Object.keys(endpoint) as FlagField[]],
  ['Load', Object.keys(loadFlags) as FlagField[]],
  ['SLA search', Object.keys(slaFlags) as FlagField[]],
  ['Request', Object.keys(request) as FlagField[]],
  ['Prompts', Object.keys(prompts) as FlagField[]],
  ['Output', Object.keys(output) as FlagField[]],
  ['Following', Object.keys(followFlags) as FlagField[]],
  ['Gates', Object.keys(gateFlags) as FlagField[]],
  ['CI', Object.keys(ciFlags) as FlagField[]],
]

/** Rows in the order of `--help`. */
export const flagRows = (): readonly (readonly [FlagField, FlagRow])[] =>
  Object.entries(flags) as [FlagField, FlagRow][]

/** `maxTokens` as it is typed: `--max-tokens`. */
export const flagName = (field: string): string =>
  `--${field.replace(/[A-Z]/g, capital => `-${capital.toLowerCase()}`)}`

/** `maxTokens` as `max_tokens`, the spelling of evalscope's library and files. */
export const snakeCase = (field: string): string => field.replace(/[A-Z]/g, capital => `_${capital.toLowerCase()}`)

/** `max_tokens` or `max-tokens` as the field `maxTokens`. */
export const camelCase = (key: string): string =>
  key.replace(/[_-]+([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Flags of the original that steer its own internals: accepted with a line that says so. */
export const meaninglessFlags: readonly string[] = ['queueSizeMultiplier', 'inFlightTaskMultiplier']
