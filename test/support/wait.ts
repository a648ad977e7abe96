/** Resolves when `isSo`; rejects after 15 s. For tests that run beside others, where `expect.poll` loses its test. */
export const waitUntil = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const startedMs = performance.now()
  while (!(await isSo())) {
    if (performance.now() - startedMs > 15_000) throw new Error(`not so within 15 s: ${isSo.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
