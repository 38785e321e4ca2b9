import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { useWords, type Words } from "@/faces/retail/words";
import { Select } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change, When } from "@/kit/values";
import { useBalances } from "./balances";

type Line = Schemas["StatementLineOut"];
const ALL = "all";

/** Every movement of one's money, newest first, each with what it left. */
export function Statement(): ReactNode {
  const words = useWords("wallet");
  const { t } = words;
  const [asset, setAsset] = useState(ALL);
  const { data: balances } = useBalances();
  const query = usePages<Line>(["statement", asset], (cursor) => ask(api.GET("/v1/statements", {
    params: { query: { limit: 50, ...(asset === ALL ? {} : { asset }), ...(cursor === null ? {} : { cursor }) } },
  })));
  return (
    <div className="stack">
      <div className="retail-filters">
        <Select label={t("retail_more:col.asset")} value={asset} onChange={setAsset}
          choices={[{ id: ALL, text: t("retail_more:orders.all") }, ...(balances ?? []).map((b) => ({ id: b.asset, text: b.asset }))]} />
      </div>
      <Paged query={query} empty={<Empty title={t("wallet:statement.none")} />}>
        {(lines) => <Table name={t("wallet:statement.title")} rows={lines} rowKey={(l) => `${l.journal_id}:${l.asset}`} file="statement" columns={columnsOf(words)} />}
      </Paged>
    </div>
  );
}

function columnsOf(words: Words): Column<Line>[] {
  const { t } = words;
  return [
    { key: "time", title: t("retail_more:col.time"), cell: (l) => <When at={l.booked_at} />, csv: (l) => l.booked_at },
    { key: "kind", title: t("wallet:statement.kind"), cell: (l) => kindText(words, l), csv: (l) => l.kind },
    { key: "what", title: t("wallet:statement.what"), wrap: true, csv: (l) => explained(words, l), cell: (l) => (
      <>{explained(words, l)}{l.kind === "trade" && l.order_id !== null && <> <Link to={`/orders/${l.order_id}`}>{t("retail_more:room.order")}</Link></>}</>
    ) },
    { key: "asset", title: t("retail_more:col.asset"), cell: (l) => l.asset, csv: (l) => l.asset },
    { key: "amount", title: t("retail_more:col.amount"), end: true, cell: (l) => <Change value={l.amount} />, csv: (l) => l.amount },
    { key: "after", title: t("wallet:statement.after"), end: true, cell: (l) => <Amount value={l.balance_after} />, csv: (l) => l.balance_after },
    { key: "journal", title: t("wallet:statement.entry"), cell: (l) => <code title={l.journal_id}>…{l.journal_id.slice(-6)}</code>, csv: (l) => l.journal_id },
  ];
}

function kindText({ t }: Words, line: Line): string {
  const kind = line.kind.startsWith("import.") ? "import" : saved(line) === "" ? line.kind : "earn_subscription";
  return t(`wallet:kind.${kind}`, { defaultValue: t("wallet:kind.other") });
}

/** The day of sale that a payment bought of; nothing when it bought something else. */
function saved({ kind, meta }: Line): string {
  const parts = kind === "payment" && typeof meta["sku"] === "string" ? meta["sku"].split(".") : [];
  return parts[0] === "earn" ? parts[2] ?? "" : "";
}

/** The line in words, from what was noted when it was booked. */
function explained(words: Words, line: Line): string {
  const { t, amount, price } = words;
  const { kind, meta } = line;
  const noted = (key: string): string => (typeof meta[key] === "string" ? meta[key] : "");
  if (kind === "trade" && noted("symbol") !== "") {
    const symbol = noted("symbol");
    return t("wallet:statement.trade", {
      done: t(`retail_more:done.${noted("side")}`), quantity: amount(noted("quantity"), symbol.split("-")[0] ?? ""), price: price(noted("price"), symbol),
      venue: noted("venue"), fee: amount(noted("fee"), noted("fee_asset")),
    });
  }
  if (kind === "earn_payout" || kind === "earn_redemption" || saved(line) !== "") return earned(words, line, noted);
  if (kind === "payment") return t("wallet:statement.payment", { quantity: noted("quantity"), sku: noted("sku"), price: noted("price") });
  if (kind === "refund") return t("wallet:statement.refund", { sku: noted("sku") });
  if (kind === "withdrawal" || kind === "internal_withdrawal") return t("wallet:statement.withdrawal", { address: noted("address"), network: noted("network") });
  return noted("memo");
}

/** What earn took or gave. */
function earned({ t, amount }: Words, line: Line, noted: (key: string) => string): string {
  const some = (key: string): string | null => (noted(key) === "" || noted(key) === "0" ? null : amount(noted(key), line.asset));
  if (saved(line) !== "") return t("wallet:statement.earn.subscribed", { day: saved(line) });
  const [interest, principal, accrued, less] = [some("interest") ?? amount("0", line.asset), some("principal"), some("accrued"), some("clawed_back")];
  if (line.kind === "earn_payout") return t(`wallet:statement.earn.${principal === null ? "interest" : "last"}`, { seq: noted("seq"), interest, principal });
  if (accrued !== null) return t("wallet:statement.earn.left_with", { accrued });
  return less === null ? t("wallet:statement.earn.left") : t("wallet:statement.earn.left_less", { less });
}
