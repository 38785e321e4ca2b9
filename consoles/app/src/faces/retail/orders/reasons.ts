// The server says in English why an order ended; here stands the same in the reader's language, and unknown words stay as they came.

import type { Words } from "@/faces/retail/words";

const KNOWN: Record<string, string> = {
  "cancelled by the customer": "customer",
  "replaced by the customer": "replaced",
  "cancelled by a control": "control",
  "the other order of the pair took its place": "twin",
  "not executable at the limit right now": "limit",
  "its time has passed": "time",
  "the last slice is over": "slices",
  "the stop was reached": "stop",
  "no more was offered within the protected price": "protected",
};
const AT_VENUE: readonly (readonly [RegExp, string])[] = [
  [/^(\S+) did not take the order; nothing was traded there$/, "refused"],
  [/^(\S+) did not answer and never had the order$/, "not_placed"],
];

export function reasonText({ t }: Words, reason: string): string {
  const known = KNOWN[reason];
  if (known !== undefined) return t(`retail_more:reason.${known}`);
  for (const [words, key] of AT_VENUE) {
    const found = words.exec(reason);
    if (found !== null) return t(`retail_more:reason.${key}`, { venue: found[1] });
  }
  return reason;
}
