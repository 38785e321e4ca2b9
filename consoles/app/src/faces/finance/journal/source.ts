// Where a posting comes from: its key names the event, in the words of whoever posted it (`s/…` the product itself, `c/…` a client).

import type { Schemas } from "@/api/client";

type Journal = Schemas["JournalOut"];

export interface Source {
  /** Key of the event's name under `source.` in the texts. */
  event: string;
  /** What identifies the event there. */
  facts: readonly (readonly [name: string, value: string])[];
  /** The room that shows it, where there is one. */
  to?: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

export function sourceOf(journal: Journal): Source {
  const key = journal.key ?? "";
  if (journal.reverses !== null) return { event: "reversal", facts: [["journal", journal.reverses]], to: `/finance/journals/${journal.reverses}` };
  const [word = "", ...rest] = key.replace(/^s\//, "").split(":");
  const id = rest[0] ?? "";
  if (key.startsWith("s/")) return product(word, id, rest, journal);
  if (key.startsWith("c/import/")) return importRow(key, journal);
  if (journal.kind === "transfer") return { event: "transfer", facts: [["transfer", journal.id]], to: `/finance/transfers/${journal.id}` };
  return { event: "client", facts: key === "" ? [] : [["key", key]] };
}

function product(word: string, id: string, rest: readonly string[], journal: Journal): Source {
  switch (word) {
    case "fill": return fill(rest, journal);
    case "pay": return { event: "payment", facts: [["payment", id]], to: `/finance/payment-orders/${id}` };
    case "refund": return { event: "refund", facts: [["payment", id], ["refund", rest[1] ?? ""]], to: `/finance/payment-orders/${id}` };
    case "transfer": return { event: "transfer", facts: [["transfer", id]], to: `/finance/transfers/${id}` };
    case "recon.level": case "recon.suspend": case "recon.resolve":
      return { event: "break", facts: [["break", id]], to: `/finance/reconciliation/breaks/${id}` };
    case "capture": return { event: "capture", facts: [["hold", id], ["reference", text(journal.meta["reference"])]] };
    case "deposit": return { event: "deposit", facts: [["key", rest.join(":")]] };
    case "fund": return { event: "funding", facts: [["venue", text(journal.meta["venue"])], ["key", rest.join(":")]] };
    default: return { event: "other", facts: [["key", journal.key ?? ""]] };
  }
}

/** `s/fill:<venue>:<symbol>:<trade>:<order>:<owner>`; a venue's trade id may have colons of its own. */
function fill(rest: readonly string[], journal: Journal): Source {
  const trade = rest.slice(2, -2).join(":");
  const facts: [string, string][] = [["venue", rest[0] ?? ""], ["symbol", rest[1] ?? ""], ["trade", trade], ["order", journal.order_id ?? rest.at(-2) ?? ""]];
  return { event: rest.at(-1) === "house" ? "house_fill" : "fill", facts };
}

function importRow(key: string, journal: Journal): Source {
  const id = text(journal.meta["import"]);
  const facts: [string, string][] = [["import", id], ["row", key.slice(key.lastIndexOf(":") + 1)]];
  return id === "" ? { event: "import", facts } : { event: "import", facts, to: `/finance/imports/${id}` };
}
