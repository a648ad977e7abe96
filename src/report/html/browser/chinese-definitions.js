/** Chinese for what the figures mean: the words of `stats/definitions.ts`. */
export const chineseDefinitions = {
  'requests in flight, as asked for; −1 in an open loop': '要求保持的在途请求数；开环时为 −1',
  'requests wanted per second, as asked for; −1 without a rate': '要求的每秒请求数；未设速率时为 −1',
  'last end − first sent, failures included; requests cut off by us are not':
    '最后一个请求结束时刻 − 第一个请求发送时刻，含失败请求，不含被本客户端中断的请求',
  'successes / duration': '成功请求数 / 时长',
  'last data event before [DONE], or end of the body, − sent':
    '[DONE] 之前最后一个数据事件（或响应体结束）的时刻 − 发送时刻',
  'sent until the request is on a socket; a part of latency and TTFT':
    '从发送到请求写入套接字的时间；包含在延迟与 TTFT 之内',
  'first event that carries output − sent: non-empty text, reasoning or a tool call; or the finish event, when usage counts tokens and no text came':
    '第一个带有输出的事件时刻 − 发送时刻；输出指非空文本、推理内容或工具调用；若没有文本但 usage 计有 Token，则取结束事件',
  'first event with choices − sent': '第一个带有 choices 的事件时刻 − 发送时刻',
  'first answer text, after reasoning, − sent': '推理结束后第一段回答文本的时刻 − 发送时刻',
  '(latency − TTFT) / (output tokens − 1), one value per request':
    '(延迟 − TTFT) / (输出 Token 数 − 1)，每个请求一个值',
  'gap between two output chunks, which are not tokens, all gaps in one pool':
    '相邻两个输出数据块的间隔（数据块不等于 Token），所有间隔合并统计',
  '1000 / Avg TPOT': '1000 / 平均 TPOT',
  'Σ output tokens / duration': 'Σ 输出 Token / 时长',
  'Σ (input + output tokens) / duration': 'Σ (输入 + 输出 Token) / 时长',
  'Σ output tokens / (end of the last success − first sent)':
    'Σ 输出 Token / (最后一个成功请求结束时刻 − 第一个请求发送时刻)',
  'output tokens whose chunk arrived in the steady window / its length': '稳态窗口内到达的输出 Token / 窗口时长',
  'mean over requests that have a count': '有 Token 计数的请求的平均值',
  'output chunks of a stream': '一个流式回答的输出数据块数',
  'Σ output tokens / Σ output chunks, of streams': 'Σ 输出 Token / Σ 输出数据块，仅流式请求',
  'Σ cached / Σ prompt tokens, over requests whose server reports it':
    'Σ 命中缓存的 Token / Σ 提示 Token，仅统计服务器报告了缓存的请求',
  'Σ of what a turn repeats, prompt + answer of the turn before and 0 in the first, / Σ prompt tokens, over conversations with two answered turns and more whose server reports nothing':
    'Σ 每轮重复的内容（上一轮的提示 + 回答，首轮为 0）/ Σ 提示 Token；统计服务器未报告缓存、且至少两轮得到回答的对话',
  'Σ turn number, from 1, / successes': 'Σ 轮次（从 1 起）/ 成功请求数',
  'TTFT of first turns': '首轮的 TTFT',
  'TTFT of all later turns': '其后各轮的 TTFT',
  'conversations that were begun': '已开始的对话数',
  'ended by a failed turn': '因某一轮失败而终止的对话数',
  'not over when the run was': '运行结束时尚未完成的对话数',
  'conversations asked for': '要求的对话数',
  'L = Σ (tokens − 1) / Σ (chunks − 1), over streams of 2 chunks and more':
    'L = Σ (Token 数 − 1) / Σ (数据块数 − 1)，统计至少有 2 个数据块的流式请求',
  'max(0, 1 − 1/L), L being Avg Decoded Tok/Iter': 'max(0, 1 − 1/L)，L 为平均每步解码 Token 数',
  'share of streams whose first chunk comes more than a median gap before TTFT':
    '首个数据块比首 Token 早到超过一个中位间隔的流式请求所占比例',
  'share of streams in which several output chunks came in one socket read, so that a gap is 0':
    '多个输出数据块在一次套接字读取中同时到达（间隔为 0）的流式请求所占比例',
  'Σ prompt tokens / duration': 'Σ 提示 Token / 时长',
  'Σ prompt tokens / (end of the last success − first sent)':
    'Σ 提示 Token / (最后一个成功请求结束时刻 − 第一个请求发送时刻)',
  'prompt tokens whose answer ended in the steady window / its length': '回答在稳态窗口内结束的提示 Token / 窗口时长',
  'successes / (successes + failures)': '成功数 / (成功数 + 失败数)',
  'requests that kept all limits of --goodput / duration': '满足 --goodput 全部限值的请求数 / 时长',
  'requests that kept all limits of --goodput / (successes + failures)':
    '满足 --goodput 全部限值的请求数 / (成功数 + 失败数)',
  'requests that kept all limits of --goodput; a failure keeps none':
    '满足 --goodput 全部限值的请求数；失败的请求一项也不满足',
  'each limit of --goodput, with the successes that missed it and those in which it was not measured, which do not keep it':
    '--goodput 的各项限值，以及未满足它的成功请求数和未测得该项的成功请求数（视为不满足）',
  '(requests − 1) / (last − first wanted)': '(请求数 − 1) / (最后一个 − 第一个计划发送时刻)',
  '(requests − 1) / (last − first sent)': '(请求数 − 1) / (最后一个 − 第一个实际发送时刻)',
  'p50, p99 and max of sent − wanted − slot wait, over all that were sent':
    '发送时刻 − 计划时刻 − 等待槽位时间的 p50、p99 与最大值，统计所有已发送的请求',
  'p50, p99 and max of the wait for a slot, over all that were sent':
    '等待槽位时间的 p50、p99 与最大值，统计所有已发送的请求',
  'requests that waited 1 ms or longer for their prompts once a slot was free and their time had come; how long in total, and at most (max)':
    '槽位已空闲且到了发送时刻，却仍等待提示 1 ms 或更久的请求数；以及等待总时间与最长时间（max）',
  'wanted before the run ended, but not sent by then': '计划在运行结束前发送、但直到结束仍未发送的请求数',
  'latency from when the request was wanted, not from when it was sent': '从计划发送时刻（而非实际发送时刻）起算的延迟',
  'TTFT from when the request was wanted, not from when it was sent': '从计划发送时刻（而非实际发送时刻）起算的 TTFT',
  'requests between sent and end, over the whole run': '整个运行期间处于发送与结束之间的请求数',
  'successes and failures: what ended by itself': '成功与失败之和，即自行结束的请求',
  'status 2xx, no error inside, at least one piece of output, and an orderly end':
    '状态码 2xx、响应内无错误、至少有一段输出并且正常结束的请求',
  'all others that ended by themselves': '其余自行结束的请求',
  'answered in events, or in one body': '以事件流回答的请求数，或一次性返回的请求数',
  'sent again, once, after a stale connection': '因连接失效而重发一次的请求数',
  'requests asked for': '要求的请求数',
  'ended by us, by Ctrl-C or after --grace: known to the schedule and in flight, in no other figure':
    '被本客户端（Ctrl-C 或 --grace 到期）中断的请求：计入调度与在途数，不计入其他指标',
  'whether the figures can be trusted: VALID, SUSPECT or INVALID, and the reasons with what was measured and its bound':
    '这些数字是否可信：VALID（有效）、SUSPECT（存疑）或 INVALID（无效），以及各项原因的实测值与界限',
  'what the client observed of itself: delays of its stamps, garbage collections, connections, files, and CPU by thread':
    '客户端对自身的观测：时间戳的延迟、垃圾回收、连接、文件以及各线程的 CPU',
  "successes by where their token count is from: the server's usage first, then the tokenizer, then the number of chunks":
    '按 Token 计数来源划分的成功请求数：首选服务器的 usage，其次分词器，最后按数据块数',
  "the server's token counts beside those of the tokenizer, over the requests compared":
    '在所比较的请求上，服务器与分词器各自的 Token 计数',
  'prompt tokens with the template beside those of the text without': '套用对话模板与仅计文本时的提示 Token 数',
  'the levels of benchmark_percentile.json that a series has too few samples for':
    'benchmark_percentile.json 中某个序列样本不足的百分位',
  'whether the run was ended before its time, by a signal or a kill': '运行是否被信号或强制终止提前结束',
  'the sentences below the tables': '表格下方的说明文字',
  'kinds of failures, with count and example': '失败的类型、数量与示例',
}
