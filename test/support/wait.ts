/** Resolves when `isSo`; rejects after 8 s. For tests that run beside others, where `expect.poll` loses its test. */
export const waitUntil = async (isSo: () => boolean): Promise<void> => {
  const startedMs = performance.now()
  while (!isSo()) {
    if (performance.now() - startedMs > 8000) throw new Error(`not so within 8 s: ${isSo.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
