// Everything that happened to the loan, newest first, in words; money movements name the entry of the ledger that booked them.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table } from "@/kit/Table";
import { Empty } from "@/kit/states";
import { Id, When } from "@/kit/values";
import type { Event, Loan } from "../reads";
import { useWords, type Words } from "../words";

export function Timeline({ loan }: { loan: Loan }): ReactNode {
  const words = useWords();
  const { t } = words;
  const { i18n } = useTranslation("borrow");
  const tell = (event: Event): string => (i18n.exists(`borrow:event.${event.kind}`) ? t(`event.${event.kind}`, told(event, loan, words)) : event.kind.replaceAll("_", " "));
  const rows = loan.events.toSorted((a, b) => b.seq - a.seq);
  if (rows.length === 0) return <Empty title={t("timeline.none")} />;
  return <Table name={t("timeline.title")} rows={rows} rowKey={(event) => String(event.seq)} file="loan-timeline" columns={[
    { key: "at", title: t("timeline.at"), cell: (event) => <When at={event.at} />, csv: (event) => event.at },
    { key: "what", title: t("timeline.what"), wrap: true, cell: tell, csv: tell },
    { key: "entry", title: t("timeline.entry"), cell: (event) => (event.journal_id === null ? <span className="dim">–</span> : <Id value={event.journal_id} />), csv: (event) => event.journal_id },
  ]} />;
}

const SUMS = ["amount", "principal", "paid_out", "fee", "left", "interest", "penalty", "insured", "lost", "surplus", "debt", "proceeds"];

/** The amounts of an event with their asset, and its collateral as one text. */
function told({ payload }: Event, loan: Loan, { t, amount, percent }: Words): Record<string, string> {
  const text = (key: string): string | undefined => (typeof payload[key] === "string" ? payload[key] : undefined);
  const found: Record<string, string> = {};
  for (const key of SUMS) {
    const value = text(key);
    if (value !== undefined) found[key] = amount(value, loan.asset);
  }
  const quantity = text("quantity");
  if (quantity !== undefined) found["quantity"] = amount(quantity, text("asset") ?? "");
  for (const key of ["matures_on", "due_on", "from_day", "reason"]) found[key] = text(key) ?? "";
  for (const key of ["rate", "before"]) {
    const share = text(key);
    if (share !== undefined) found[key] = percent(share);
  }
  const to = text("to");
  if (to !== undefined) found["to"] = t(`level.${to}`);
  found["collateral"] = listed(payload["collateral"], amount);
  return found;
}

function listed(value: unknown, amount: Words["amount"]): string {
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value).flatMap(([asset, quantity]) => (typeof quantity === "string" ? [amount(quantity, asset)] : [])).join(", ");
}
