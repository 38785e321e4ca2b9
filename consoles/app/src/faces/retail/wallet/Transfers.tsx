import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { useWords, type Words } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";
import { TransferForm } from "./TransferForm";

type Transfer = Schemas["TransferOut"];
const TONES: Record<Transfer["status"], Tone> = { posted: "good", scheduled: "info", awaiting_approval: "warn", refused: "bad", cancelled: "plain" };

/** Money to another customer, and what one has sent. */
export function Transfers(): ReactNode {
  const words = useWords("wallet");
  const { t } = words;
  const { may } = useSession();
  const client = useQueryClient();
  const [ended, setEnded] = useState<Transfer | null>(null);
  const query = usePages<Transfer>(["transfers"], (cursor) => ask(api.GET("/v1/transfers", { params: { query: { limit: 50, ...(cursor === null ? {} : { cursor }) } } })));
  const cancel = async (): Promise<void> => {
    if (ended === null) return;
    try {
      await ask(api.POST("/v1/transfers/{id}/cancel", { params: { path: { id: ended.id } } }));
    } finally {
      await client.invalidateQueries({ queryKey: ["transfers"] });
    }
  };
  return (
    <div className={may("transfers:write") ? "retail-split" : "stack"}>
      {may("transfers:write") && <TransferForm />}
      <div className="stack">
        <Paged query={query} empty={<Empty title={t("wallet:transfer.none")} />}>
          {(rows) => <Table name={t("wallet:transfer.title")} rows={rows} rowKey={(row) => row.id} file="transfers" columns={columnsOf(words, setEnded)} />}
        </Paged>
        <p className="dim">{t("wallet:transfer.received")}</p>
      </div>
      <Confirm title={t("wallet:transfer.cancel")} isOpen={ended !== null} onClose={() => { setEnded(null); }} act={cancel} verb={t("wallet:transfer.cancel")} danger>
        <p>{t("wallet:transfer.cancel_ask", { sum: ended === null ? "" : words.amount(ended.amount, ended.asset), to: ended?.to })}</p>
      </Confirm>
    </div>
  );
}

function columnsOf({ t }: Words, cancel: (row: Transfer) => void): Column<Transfer>[] {
  return [
    { key: "time", title: t("retail_more:col.time"), cell: (r) => <When at={r.created_at} />, csv: (r) => r.created_at },
    { key: "amount", title: t("retail_more:col.amount"), end: true, cell: (r) => <Amount value={r.amount} asset={r.asset} />, csv: (r) => `${r.amount} ${r.asset}` },
    { key: "to", title: t("wallet:transfer.to_account"), cell: (r) => r.to, csv: (r) => r.to },
    { key: "status", title: t("retail_more:col.status"), cell: (r) => <Pill tone={TONES[r.status]}>{t(`wallet:transfer_status.${r.status}`)}</Pill>, csv: (r) => r.status },
    { key: "memo", title: t("wallet:transfer.memo"), wrap: true, cell: (r) => r.memo ?? r.reason ?? "", csv: (r) => r.memo },
    { key: "deeds", title: t("retail_more:col.actions"), cell: (r) => (r.status === "scheduled" || r.status === "awaiting_approval") && (
      <Button kind="quiet" onPress={() => { cancel(r); }}>{t("wallet:transfer.cancel")}</Button>
    ) },
  ];
}
