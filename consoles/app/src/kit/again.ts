// A script that did not come is asked for again: a server that restarts is away for seconds, and must not cost anyone the page they work on.

/** Together longer than a restart takes. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

/** What `load` gives, at the latest after as many further tries as there are pauses; then its error. */
export async function again<T>(load: () => Promise<T>, pauses: readonly number[] = PAUSES_MS): Promise<T> {
  for (const pause of pauses) {
    try {
      return await load();
    } catch {
      await new Promise((go) => setTimeout(go, pause));
    }
  }
  return load();
}
