// Whom the framed page listens to.

/** The token in a message, if it is one for us: from the page that frames us, at an origin that the house allows. */
export function tokenOf(event: Pick<MessageEvent<unknown>, "source" | "origin" | "data">, parent: unknown, origins: readonly string[]): string | null {
  if (event.source !== parent || !origins.includes(event.origin)) return null;
  const data = event.data;
  if (typeof data !== "object" || data === null || !("type" in data) || !("token" in data)) return null;
  return data.type === "rivermouth.token" && typeof data.token === "string" ? data.token : null;
}
