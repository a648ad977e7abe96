import type { SeriesName } from '../model/result.ts'

/** What figures mean: one or more keys that the same words define, and when they are absent. */
export type Definition = readonly [keys: readonly string[], meaning: string, absentWhen?: string]

const notStreamed = 'not streamed'
const noTokens = 'no token count'
const noRate = 'no rate'

/** The keys of `benchmark_summary.json`. The README has the same words, and may go on. */
export const summaryDefinitions: readonly Definition[] = [
  [['Concurrency'], 'requests in flight, as asked for; −1 in an open loop'],
  [['Request Rate (req/s)'], 'requests wanted per second, as asked for; −1 without a rate'],
  [['Test Duration (s)'], 'last end − first sent, failures included; requests cut off by us are not', 'nothing ended'],
  [['Req Throughput (req/s)'], 'successes / duration', 'no success'],
  [['Avg Latency (s)'], 'last data event before [DONE], or end of the body, − sent', 'no success'],
  [['Avg Connect (ms)'], 'sent until the request is on a socket; a part of latency and TTFT', 'no success'],
  [
    ['Avg TTFT (ms)'],
    'first event that carries output − sent: non-empty text, reasoning or a tool call; or the finish event, when usage counts tokens and no text came',
    notStreamed,
  ],
  [['Avg First Chunk (ms)'], 'first event with choices − sent', notStreamed],
  [['Avg TTFAT (ms)'], 'first answer text, after reasoning, − sent', 'no stream reasoned first'],
  [
    ['Avg TPOT (ms)'],
    '(latency − TTFT) / (output tokens − 1), one value per request',
    'below 2 tokens or 2 chunks, not streamed',
  ],
  [
    ['Avg ITL (ms)', 'Avg Chunk Gap (ms)'],
    'gap between two output chunks, which are not tokens, all gaps in one pool',
    'no gaps',
  ],
  [['Decode (tok/s)'], '1000 / Avg TPOT', 'as TPOT'],
  [['Output Throughput (tok/s)'], 'Σ output tokens / duration', noTokens],
  [['Total Throughput (tok/s)'], 'Σ (input + output tokens) / duration', noTokens],
  [
    ['Output Throughput To Last Success (tok/s)'],
    'Σ output tokens / (end of the last success − first sent)',
    'failures did not stretch the duration by more than 5 %',
  ],
  [
    ['Steady Output Throughput (tok/s)'],
    'output tokens whose chunk arrived in the steady window / its length',
    'no steady window',
  ],
  [['Avg Input Tokens', 'Avg Output Tokens'], 'mean over requests that have a count', noTokens],
  [['Avg Chunks/Request'], 'output chunks of a stream', notStreamed],
  [['Avg Tokens/Chunk'], 'Σ output tokens / Σ output chunks, of streams', notStreamed],
  [['KV Cache Hit Rate (%)'], 'Σ cached / Σ prompt tokens, over requests whose server reports it', 'none does'],
  [
    ['KV Cache Hit Rate (%) (estimated)'],
    'Σ of what a turn repeats, prompt + answer of the turn before and 0 in the first, / Σ prompt tokens, over conversations with two answered turns and more whose server reports nothing',
    'no such conversation',
  ],
  [['Avg Turns/Request'], 'Σ turn number, from 1, / successes', 'no success'],
  [['Avg First-Turn TTFT (ms)'], 'TTFT of first turns', notStreamed],
  [['Avg Subsequent-Turn TTFT (ms)'], 'TTFT of all later turns', notStreamed],
  [['Conversations'], 'conversations that were begun'],
  [['Abandoned Conversations'], 'ended by a failed turn'],
  [['Cut Off Conversations'], 'not over when the run was'],
  [['Expected Conversations'], 'conversations asked for', 'only a duration was given'],
  [
    ['Avg Decoded Tok/Iter'],
    'L = Σ (tokens − 1) / Σ (chunks − 1), over streams of 2 chunks and more',
    'L is 1.05 or less',
  ],
  [['Spec. Accept Rate'], 'max(0, 1 − 1/L), L being Avg Decoded Tok/Iter', 'L is 1.05 or less'],
  [
    ['Late First Token (%)'],
    'share of streams whose first chunk comes more than a median gap before TTFT',
    notStreamed,
  ],
  [
    ['Coalesced Streams (%)'],
    'share of streams in which several output chunks came in one socket read, so that a gap is 0',
    notStreamed,
  ],
  [['Input Throughput (tok/s)'], 'Σ prompt tokens / duration', 'not an embedding or rerank run, no token count'],
  [
    ['Input Throughput To Last Success (tok/s)'],
    'Σ prompt tokens / (end of the last success − first sent)',
    'failures did not stretch the duration by more than 5 %',
  ],
  [
    ['Steady Input Throughput (tok/s)'],
    'prompt tokens whose answer ended in the steady window / its length',
    'no steady window',
  ],
  [['Success Rate (%)'], 'successes / (successes + failures)', 'nothing ended'],
  [['Goodput (req/s)'], 'requests that kept all limits of --goodput / duration', 'no --goodput'],
  [['Goodput Rate (%)'], 'requests that kept all limits of --goodput / (successes + failures)', 'no --goodput'],
  [['Good Requests'], 'requests that kept all limits of --goodput; a failure keeps none', 'no --goodput'],
  [
    ['Goodput Objectives'],
    'each limit of --goodput, with the successes that missed it and those in which it was not measured, which do not keep it',
    'no --goodput',
  ],
  [['Drawn Rate (req/s)'], '(requests − 1) / (last − first wanted)', 'no rate, one request'],
  [['Realised Rate (req/s)'], '(requests − 1) / (last − first sent)', 'no rate, one request'],
  [['Lateness (ms)'], 'p50, p99 and max of sent − wanted − slot wait, over all that were sent', noRate],
  [['Slot Wait (ms)'], 'p50, p99 and max of the wait for a slot, over all that were sent', 'open loop, no rate'],
  [
    ['Prompt Wait (ms)'],
    'requests that waited 1 ms or longer for their prompts once a slot was free and their time had come; how long in total, and at most (max)',
  ],
  [['Never Sent Requests'], 'wanted before the run ended, but not sent by then', noRate],
  [['Avg Latency From Schedule (s)'], 'latency from when the request was wanted, not from when it was sent', noRate],
  [['Avg TTFT From Schedule (ms)'], 'TTFT from when the request was wanted, not from when it was sent', noRate],
  [['Avg In Flight', 'Max In Flight'], 'requests between sent and end, over the whole run', 'nothing sent'],
  [['Total Requests'], 'successes and failures: what ended by itself'],
  [['Success Requests'], 'status 2xx, no error inside, at least one piece of output, and an orderly end'],
  [['Failed Requests'], 'all others that ended by themselves'],
  [['Stream Requests', 'Non-Stream Requests'], 'answered in events, or in one body'],
  [['Resent Requests'], 'sent again, once, after a stale connection'],
  [['Expected Requests'], 'requests asked for', 'only a duration was given'],
  [
    ['Cut Off Requests'],
    'ended by us, by Ctrl-C or after --grace: known to the schedule and in flight, in no other figure',
  ],
  [
    ['verdict'],
    'whether the figures can be trusted: VALID, SUSPECT or INVALID, and the reasons with what was measured and its bound',
  ],
  [
    ['Client Health'],
    'what the client observed of itself: delays of its stamps, garbage collections, connections, files, and CPU by thread',
    'not observed',
  ],
  [
    ['Token Sources'],
    "successes by where their token count is from: the server's usage first, then the tokenizer, then the number of chunks",
  ],
  [
    ['Usage vs Tokenizer'],
    "the server's token counts beside those of the tokenizer, over the requests compared",
    'no tokenizer, no usage',
  ],
  [
    ['Chat Template'],
    'prompt tokens with the template beside those of the text without',
    'no tokenizer, no chat messages',
  ],
  [['Not Carried'], 'the levels of benchmark_percentile.json that a series has too few samples for'],
  [['Interrupted'], 'whether the run was ended before its time, by a signal or a kill'],
  [['Notes'], 'the sentences below the tables'],
  [['Failures'], 'kinds of failures, with count and example'],
]

/** The keys within `Client Health`: of all threads, and of each. */
export const healthDefinitions: readonly Definition[] = [
  [
    ['Self-Delay (ms)'],
    'p50 and p99 of by how much stamps were late through our own work, over all chunks',
    'no chunks',
  ],
  [['First-Chunk Self-Delay (ms)'], 'the same over first output chunks and answers in one piece', 'no answers'],
  [['Reads/Chunk'], 'socket reads / chunks', 'no chunks'],
  [
    ['GC Pauses', 'GC Time (ms)', 'Longest GC Pause (ms)'],
    'pauses for garbage of all threads: how many, in all, the longest',
  ],
  [['Connections Opened'], 'while requests were measured'],
  [['Open Files'], 'file descriptors of the process, the most at the end of any second', 'no /proc'],
  [
    ['Throttled Periods (%)'],
    'periods of a CPU quota in which it stopped the process / all its periods',
    'no quota, not Linux',
  ],
  [['Threads'], 'each thread that sends, with its self-delays as above'],
  [['Thread'], 'its number, from 1'],
  [
    ['CPU (%)', 'Waited for a Core (%)'],
    'share of the time on a core; share in which the thread could have run and had none',
    'not Linux',
  ],
  [['Avg Wait for a Core (ms)'], 'the latter time / how often it was given a core', 'not Linux'],
]

/** The metrics of `trace_summary.json`, a trace being a conversation. */
export const traceDefinitions: readonly Definition[] = [
  [['Latency (s)'], 'last end − first sent, waiting between turns included'],
  [['First-Turn TTFT (s)'], 'TTFT of the first turn', notStreamed],
  [['TTFAT (s)'], 'first answer text of the last turn − first sent', 'not streamed, no answer text'],
  [['Decode TPS'], 'mean over its turns of 1 / TPOT, in tok/s', 'as TPOT'],
  [['Cache Hit Rate (%)'], 'Σ cached / Σ prompt tokens', 'the server reports none of its turns'],
  [
    ['Eligible Cache Hit Rate (%)'],
    'from the second turn on, Σ cached / Σ (prompt + answer of the turn before)',
    'the same, a single turn',
  ],
  [['Cache Hit Rate (%) (estimated)'], 'Σ of what its turns repeat / Σ prompt tokens', 'reported, a single turn'],
]

/** The metrics of `workload_throughput.json`, each in the whole run, its last 30 s and its steady window. */
export const workloadDefinitions: readonly Definition[] = [
  [['Total Prompt tok/s'], 'prompt tokens, new and cached, counted when the first token came'],
  [
    ['New Prompt tok/s', 'Cached Prompt tok/s'],
    'those of them that the server had to read, or had cached',
    'it reports no cached tokens',
  ],
  [['Completion tok/s'], 'output tokens, counted when their chunk arrived'],
]

/** The series of `benchmark_percentile.json`: what the mean of that key is of, or words of their own. */
export const seriesDefinitions: Readonly<Record<SeriesName, { readonly as: string } | { readonly meaning: string }>> = {
  latency: { as: 'Avg Latency (s)' },
  scheduledLatency: { as: 'Avg Latency From Schedule (s)' },
  firstChunk: { as: 'Avg First Chunk (ms)' },
  ttft: { as: 'Avg TTFT (ms)' },
  scheduledTtft: { as: 'Avg TTFT From Schedule (ms)' },
  ttfat: { as: 'Avg TTFAT (ms)' },
  itl: { as: 'Avg ITL (ms)' },
  tpot: { as: 'Avg TPOT (ms)' },
  inputTokens: { meaning: 'prompt tokens of a request' },
  outputTokens: { meaning: 'output tokens of a request' },
  outputRate: { meaning: "a request's output tokens / latency" },
  inputRate: { meaning: "a request's prompt tokens / latency" },
  totalRate: { meaning: "a request's (input + output tokens) / latency" },
  decodeRate: { meaning: '1000 / TPOT of a request' },
  connect: { as: 'Avg Connect (ms)' },
  slotWait: { meaning: 'wait for a slot of a paced closed loop' },
  lateness: { meaning: 'sent − wanted − slot wait: our own delay' },
}
