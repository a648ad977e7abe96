/** Chinese for the sentences below the tables: those of `stats/notes.ts` and its neighbours, and their parts. */
export const chineseNotes = {
  request: '请求',
  requests: '请求',
  conversation: '对话',
  conversations: '对话',
  input: '输入',
  output: '输出',
  more: '多',
  less: '少',

  'Interrupted before the first measured request.': '运行在第一个计入统计的请求之前即被中断。',
  'Interrupted: the figures cover the requests that had ended by then.': '运行被中断：数字只涵盖当时已结束的请求。',
  'The dataset broke: no more than {} request[s|] could be sent.': '数据集出错：最多只能发送 {1} 个请求。',
  'The dataset broke: no more than {} conversation[s|] could be begun.': '数据集出错：最多只能开始 {1} 个对话。',
  'The database holds {} of {} {} so far; what is under way is not in it.':
    '数据库中目前有 {2} 个{3}中的 {1} 个；进行中的不在其内。',
  'The database holds {} of {} {}; what was under way is not known.':
    '数据库中有 {2} 个{3}中的 {1} 个；当时进行中的情况不得而知。',
  'The database holds {} of {} {} that can be read; what became of the others is not known.':
    '数据库中可读取 {2} 个{3}中的 {1} 个；其余的情况不得而知。',
  'Only {} of {} requests were sent.': '{2} 个请求中只发送了 {1} 个。',
  'Only {} of {} conversations were begun.': '{2} 个对话中只开始了 {1} 个。',
  '--duration {} was over before all {} {} were [sent|begun]: {} [was|were].':
    '--duration {1} 到期时，{2} 个{3}尚未全部开始：只开始了 {4} 个。',
  '{} request[s|] [was|were] {}; not a failure, and in no latency or token figure.{}':
    '{1} 个请求{2}；不算失败，也不计入延迟与 Token 指标。{3}',
  'cut off by us': '被本客户端中断',
  'still under way --grace {} after --duration and cut off':
    '在 --duration 到期并等待 --grace {1} 之后仍未完成，因而被中断',
  ' The {} that had ended are the quickest, and all that the figures know: {} are too low, and throughputs lack what was under way.':
    '已结束的 {1} 个是最快的，指标只涵盖它们：{2}偏低，吞吐量也不含未完成的部分。',
  'latencies and TTFT': '延迟与 TTFT ',
  latencies: '延迟',
  'The run ended within its ramp-up of {}, so nothing is steady.': '运行在 {1} 的爬升期内就已结束，没有稳态可言。',
  'The first {} are ramp-up: part of all figures but the steady ones{}.':
    '最初 {1} 为爬升期：除稳态指标外，计入全部指标{2}。',
  ', drawn and realised rate included': '，包括抽样速率与实际速率',
  '1 {} waited {} for its prompt: the dataset was too slow for this load.':
    '有 1 个{1}等待提示 {2}：数据集跟不上这样的负载。',
  '{} {} waited up to {} for their prompts, {} in all: the dataset was too slow for this load.':
    '有 {1} 个{2}等待提示，最长 {3}，合计 {4}：数据集跟不上这样的负载。',
  'The load loop counted {} requests in flight on average, the records give {}: {}.':
    '发送循环统计的平均在途请求为 {1} 个，由记录得出 {2} 个：{3}。',
  'working requests off takes this client noticeable time': '本客户端处理完请求所花的时间已不可忽略',
  'the two should agree within 1%': '两者之差应在 1% 以内',
  'Failures after the last success stretch the duration; up to that success, {} throughput was {} tok/s.':
    '最后一次成功之后的失败拉长了时长；截至该次成功，{1}吞吐量为 {2} tok/s。',
  "{} request[s|] [was|were] sent again, once, because the kept-alive connection was lost before any answer; time counts from the first attempt. If they are many, see the server's log: one that dies on a request looks the same.":
    '{1} 个请求因保持的连接在得到任何回答之前断开而重发了一次；时间从首次尝试起算。若数量较多，请查看服务器日志：服务器因请求而崩溃时看上去也是如此。',
  'No answer came as a stream, so there is no TTFT, ITL, TPOT or decode speed.':
    '没有流式回答，因此没有 TTFT、ITL、TPOT 与解码速度。',
  'In {}% of streams the first chunk came well before the first token (more than one median gap); both are shown.':
    '{1}% 的流式请求中，首数据块明显早于首 Token（超过一个中位间隔）；两者均已列出。',
  'In {} of {} streams reasoning was counted but not sent ({} tokens on average): it is part of TTFT, and not in TPOT, decode speed and tokens per chunk.':
    '{2} 个流式请求中有 {1} 个的推理内容计了数却未发送（平均 {3} 个 Token）：它包含在 TTFT 中，不计入 TPOT、解码速度与每数据块 Token 数。',
  'ITL is the gap between chunks, which carry {} tokens on average.':
    'ITL 是数据块之间的间隔，每个数据块平均带有 {1} 个 Token。',
  'In {}% of streams several chunks shared one socket read: tokens per iteration may show batching on the way rather than speculative decoding.':
    '{1}% 的流式请求中，多个数据块在一次套接字读取中到达：每步 Token 数反映的可能是传输途中的合并，而非投机解码。',
  'Abandoned after a failed turn: {} of {} conversation[s|]. Later turns were not sent; figures of conversations cover those before.':
    '{2} 个对话中有 {1} 个因某一轮失败而放弃。其后的轮次未发送；对话指标只涵盖此前的轮次。',
  'Not over when the run was: {} of {} conversation[s|].{} Figures of conversations cover the turns that were answered.':
    '运行结束时，{2} 个对话中有 {1} 个尚未完成。{3}对话指标只涵盖已得到回答的轮次。',
  ' The next turn of {} would have begun after --duration {}.': '其中 {1} 个的下一轮本应在 --duration {2} 之后开始。',
  'Cache hit rates marked as estimated are no measurement: where the server reports no cached tokens for a conversation, they take all that a turn repeats of the one before it as cached.':
    '标为“估计”的缓存命中率并非实测：服务器未报告对话的缓存 Token 时，将每轮与上一轮重复的内容全部视为命中缓存。',
  'Few waves: {} {} in {} slots. The first wave meets an idle server all at once and the last leaves slots empty; {} would make five.':
    '批次太少：{3} 个槽位只有 {1} 个{2}。第一批同时涌向空闲的服务器，最后一批又留下空槽；{4} 个才够五批。',
  '{} connections were opened while requests were measured, not all before: a server or a proxy may close them, and this client does after 4 s without a request. Connecting is part of TTFT and latency.':
    '测量期间新建了 {1} 个连接，而不是全部事先建好：服务器或代理可能关闭了连接，本客户端也会在 4 s 没有请求后关闭连接。建立连接的时间计入 TTFT 与延迟。',
  'What this client did meanwhile was not observed: whether it, or other programs, disturbed this run is not known.':
    '没有观测本客户端在此期间的状况：它或其他程序是否干扰了运行不得而知。',
  'This system does not tell how long threads wait for a core: whether other programs disturbed this run is not known.':
    '本系统不提供线程等待 CPU 核的时间：其他程序是否干扰了运行不得而知。',
  'Percentiles marked * rest on too few samples{}.': '标有 * 的百分位样本不足{1}。',
  '; {}, at this rate of failures, would carry p{}': '；按目前的失败率，{1} 可支撑 p{2}',
  '; {} would carry p{}': '；{1} 可支撑 p{2}',
  '{} {} [was|were] wanted before the run ended but never sent: figures from the schedule do not know [it|them] and are too low.':
    '有 {1} 个{2}计划在运行结束前发送却从未发送：自计划时刻起算的指标不含它们，因而偏低。',
  'Counted from the schedule, p50 / p90 / p99 of latency are {}; counted from sending they would read {} and hide up to {} of waiting for a slot.':
    '自计划时刻起算，延迟的 p50 / p90 / p99 为 {1}；若自发送时刻起算则为 {2}，最多掩盖 {3} 的槽位等待。',
  'Counted from the schedule, p50 / p90 / p99 of latency are {}; counted from sending they would read {} and hide up to {} by which this machine sent too late.':
    '自计划时刻起算，延迟的 p50 / p90 / p99 为 {1}；若自发送时刻起算则为 {2}，最多掩盖本机晚发的 {3}。',
  'Latency is the same from the schedule and from sending (p50, p90 and p99), which hides nothing: no request waited longer than {} ms before it was sent.':
    '无论自计划时刻还是自发送时刻起算，延迟都相同（p50、p90 与 p99），没有掩盖任何等待：请求在发送前的等待都不超过 {1} ms。',
  'This machine sent late: p99 of the lateness is {} ms. It was too busy, or stood still; what it measured meanwhile is its own time, too.':
    '本机发送偏晚：迟发的 p99 为 {1} ms。机器过忙或曾停顿；这期间测得的时间也包含它自己的。',
  "The drawn schedule's rate is {} {}, requested were {}: chance, about ±{}% with {} arrivals; more requests narrow it.":
    '抽样得到的发送速率为 {1} {2}，要求为 {3}：属随机波动，{5} 次到达时约 ±{4}%；请求越多偏差越小。',
  'Requests left over {} where the schedule took {}: the cap of {} in flight held the rate down to {}.':
    '请求在 {1} 内发出，而计划为 {2}：在途上限 {3} 把速率压低到 {4}。',
  'Conversations began over {} where the schedule took {}: the cap of {} in flight held the rate down to {}.':
    '对话在 {1} 内开始，而计划为 {2}：在途上限 {3} 把速率压低到 {4}。',
  '{} was not measured in {} of {} successes: these do not keep {}, and are not good.':
    '{3} 个成功请求中有 {2} 个未测得 {1}：它们视为不满足 {4}，不计入达标请求。',
  'latency ≤ {}': '延迟 ≤ {1}',
  'Missed {}': '未满足 {1}',
  '{}, not measured {}': '{1}，未测得 {2}',
  'conv/s': '对话/s',
  '{} conv/s': '{1} 对话/s',

  "The server's usage holds what is no count: {}.": '服务器的 usage 中有不是计数的内容：{1}。',
  '{} of {} of {} successful requests were counted by the tokenizer, not by the server.':
    '{3} 个成功请求中，有 {2} 个的{1}由分词器而非服务器计数。',
  'The server counts answers but not prompts: those of {} of {} successful requests were counted by the tokenizer.':
    '服务器只对回答计数而不对提示计数：{2} 个成功请求中，有 {1} 个的提示由分词器计数。',
  'The prompts of {} of {} successful requests hold images, of which each square of --image-patch-size pixels is taken for a token: an estimate.':
    '{2} 个成功请求中，有 {1} 个的提示含有图像，按 --image-patch-size 像素见方为一个 Token 计：仅为估计。',
  'The prompts of {} of {} successful requests hold tools, images elsewhere or their like, of which the tokenizer counts nothing: their input tokens are too few.':
    '{2} 个成功请求中，有 {1} 个的提示含有工具、其他位置的图像等分词器不计数的内容：其输入 Token 偏少。',
  "The server's counts of {} request[s|] are not checked: {}.": '服务器对 {1} 个请求的计数未经核对：{2}。',
  'Output tokens of {} of {} successful requests are chunks, not tokens{}: {}.':
    '{2} 个成功请求中，有 {1} 个的输出 Token 按数据块计，并非真正的 Token{3}：{4}。',
  'No token count for {} of {} successful requests, which are in no token figure{}: {}.':
    '{2} 个成功请求中，有 {1} 个没有 Token 计数，不计入任何 Token 指标{3}：{4}。',
  'No count of the prompts of {} of {} successful requests: {}.':
    '{2} 个成功请求中，有 {1} 个没有提示的 Token 计数：{3}。',
  ', and their prompts are not counted{}': '，其提示也未计数{1}',
  '; no token count for {} of {} successful requests, which are in no token figure{}':
    '；{2} 个中有 {1} 个没有 Token 计数，不计入任何 Token 指标{3}',
  '; no count of the prompts of {} of {} successful requests': '；{2} 个中有 {1} 个没有提示的 Token 计数',
  'there is no text that the tokenizer could count': '没有可供分词器计数的文本',
  'the tokenizer counts when all have ended': '分词器在全部请求结束后计数',
  'the tokenizer had not counted yet when the run ended': '运行结束时分词器尚未计数',
  'give --tokenizer-path, or ask for usage with --extra-args \'{"stream_options": {"include_usage": true}}\'':
    '请给出 --tokenizer-path，或用 --extra-args \'{"stream_options": {"include_usage": true}}\' 请求 usage',
  'give --tokenizer-path, or use a server that sends usage': '请给出 --tokenizer-path，或使用会返回 usage 的服务器',
  'The server counts {} {} token[s|] {} than the tokenizer in each of {} requests compared: {}.':
    '在所比较的 {4} 个请求中，服务器计得的{2} Token 每个都比分词器{3} {1} 个：{5}。',
  'a system prompt or a chat template of its own would do that': '服务器自带的系统提示或对话模板会造成这种差异',
  'another tokenizer, a shorter chat template, or prompts that it cuts would do that':
    '不同的分词器、较短的对话模板或被截断的提示会造成这种差异',
  'end marks would do that, or tokens whose text it does not send': '结束符或文本未发送的 Token 会造成这种差异',
  'The server counts other {} tokens than the tokenizer: {} against {} on average over {} requests, {} against {} in {}. {}.':
    '服务器与分词器计得的{1} Token 不同：{4} 个请求平均为 {2} 对 {3}，其中 {7} 为 {5} 对 {6}。{8}。',
  'The server counts other {} tokens than the tokenizer: {} against {} on average over {} requests. {}.':
    '服务器与分词器计得的{1} Token 不同：{4} 个请求平均为 {2} 对 {3}。{5}。',
  "The tokenizer may not be the model's own, or the server may change prompts":
    '分词器可能不是该模型的，或服务器可能改动了提示',
  "A token or two an answer are its end mark, and text that is tokenized otherwise than it was generated; with more, the tokenizer may not be the model's own":
    '每个回答相差一两个 Token，是结束符以及分词与生成时不一致所致；相差更多时，分词器可能不是该模型的',
  'The chat template adds {} of {} prompt tokens ({}%).': '{2} 个提示 Token 中有 {1} 个（{3}%）来自对话模板。',

  "TTFT p50 {} ms, of which up to {} ms may be this client's, at {} [streams|stream] (doctor, {}).":
    'TTFT p50 {1} ms，其中最多 {2} ms 可能来自本客户端（{3} 路流，doctor 测于 {4}）。',
  "TTFT p50 {} ms, of which up to {} ms may be this client's; ITL p50 {} ms{}, by which its gaps may be {} ms off through this client, at {} [streams|stream] (doctor, {}).":
    'TTFT p50 {1} ms，其中最多 {2} ms 可能来自本客户端；ITL p50 {3} ms{4}，其间隔可能因本客户端偏差 {5} ms（{6} 路流，doctor 测于 {7}）。',
  'ITL p50 {} ms{}, by which its gaps may be {} ms off through this client, at {} [streams|stream] (doctor, {}).':
    'ITL p50 {1} ms{2}，其间隔可能因本客户端偏差 {3} ms（{4} 路流，doctor 测于 {5}）。',
  ' of gaps above 0': '（仅计大于 0 的间隔）',
}
