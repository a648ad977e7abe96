/** Chinese for loads, the best of them, and what a sweep suggests: `report/recommendations.ts`. */
export const chineseAdvice = {
  Trace: '轨迹回放',
  trace: '轨迹',
  'Parallel {} / {}': '并发 {1} / {2}',
  'Trace / {}': '轨迹回放 / {1}',
  'Rate {} rps / {}': '速率 {1} req/s / {2}',
  'Number {}': '总数 {1}',
  '{} ({} req/s, no verdict)': '{1}（{2} req/s，无结论）',
  '{} ({} s, no verdict)': '{1}（{2} s，无结论）',
  '{} ({} req/s, SUSPECT)': '{1}（{2} req/s，存疑）',
  '{} ({} s, SUSPECT)': '{1}（{2} s，存疑）',
  '{} ({} req/s)': '{1}（{2} req/s）',
  '{} ({} s)': '{1}（{2} s）',
  '{} (no verdict)': '{1}（无结论）',
  '{} (SUSPECT)': '{1}（存疑）',
  'Throughput no longer grows beyond {}, which has at least 95 % of that at the highest load.':
    '超过 {1} 后吞吐量不再增长，此时已达到最高负载下的 95 % 以上。',
  'Throughput was highest at the highest load, at the cost of latency.': '吞吐量在最高负载下最高，但以延迟为代价。',
  'Throughput was highest at the highest load, while TTFT grew {}×: requests may be queueing.':
    '吞吐量在最高负载下最高，但 TTFT 增至 {1} 倍：请求可能在排队。',
  'Only {} of {} runs came to their end; figures cover what had ended by then.':
    '{2} 次运行中只有 {1} 次完整结束；数字涵盖届时已结束的请求。',
  'The run did not come to its end; figures cover what had ended by then.':
    '运行没有完整结束；数字涵盖届时已结束的请求。',
  '{} of {} runs are over; figures cover what has ended so far.':
    '{2} 次运行中已有 {1} 次结束；数字涵盖目前已结束的请求。',
  'The run is still under way; figures cover what has ended so far.': '运行仍在进行；数字涵盖目前已结束的请求。',
  'The system has not reached its performance bottleneck. Consider testing with higher load levels.':
    '系统尚未达到性能瓶颈，建议以更高的负载继续测试。',
  'Consider lowering the load; it may be too high for the system.': '建议降低负载；当前负载对系统可能过高。',
  'Optimal configuration appears to be around {}.': '最佳配置大约在 {1}。',
  'Success rate at highest load ({}) is {}, and no better at lower ones: look at the failures.':
    '最高负载（{1}）下的成功率为 {2}，较低负载下也不更高：请查看失败原因。',
  'Success rate at highest load ({}) is {}. Check system resources or reduce the load.':
    '最高负载（{1}）下的成功率为 {2}，请检查系统资源或降低负载。',
  'Latency grew {}× from lowest to highest load. The system may be under significant stress.':
    '从最低到最高负载，延迟增至 {1} 倍，系统可能承受着较大压力。',
  'Latency grew {}× from lowest to highest load that is not INVALID. The system may be under significant stress.':
    '从最低负载到未被判为无效的最高负载，延迟增至 {1} 倍，系统可能承受着较大压力。',
  'Throughput was highest at {}, the highest load that is not INVALID; what the system does above it is not known.':
    '吞吐量在 {1} 时最高，这是未被判为无效的最高负载；更高负载下的表现不得而知。',
}
