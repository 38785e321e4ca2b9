import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { JournalLink, Who } from "../parts/values";
import { Propose } from "./Propose";

type Transfer = Schemas["TransferOut"];
type Status = Schemas["TransferStatus"];

const STATUSES: readonly Status[] = ["awaiting_approval", "scheduled", "posted", "refused", "cancelled"];
const TONES: { [status in Status]: Tone } = { awaiting_approval: "warn", scheduled: "info", posted: "good", refused: "bad", cancelled: "plain" };

export default function Transfers(): ReactNode {
  const { t } = useTranslation("finance");
  const { may } = useSession();
  const [proposing, setProposing] = useState(false);
  const [status, setStatus] = useState<Status | null>(null);
  const choices = [{ id: "", text: t("any") }, ...STATUSES.map((id) => ({ id, text: t(`transfer_status.${id}`) }))];
  const propose = may("transfers:write") ? <Button kind="primary" onPress={() => { setProposing(true); }}>{t("transfer.propose")}</Button> : undefined;
  return (
    <Frame title={t("rooms.transfers")} intro={t("transfer.intro")} aside={propose}>
      <Panel title={t("transfer.list")}>
        <div className="stack">
          <div className="finance-form">
            <Select label={t("column.state")} value={status ?? ""} choices={choices} onChange={(id) => { setStatus(STATUSES.find((known) => known === id) ?? null); }} />
          </div>
          <List status={status} />
        </div>
      </Panel>
      {proposing && <Propose onClose={() => { setProposing(false); }} />}
    </Frame>
  );
}

export function TransferStatus({ status }: { status: Status }): ReactNode {
  const { t } = useTranslation("finance");
  return <Pill tone={TONES[status]}>{t(`transfer_status.${status}`)}</Pill>;
}

function List({ status }: { status: Status | null }): ReactNode {
  const { t } = useTranslation("finance");
  const pages = usePages(["finance", "transfers", status], (cursor) => ask(api.GET("/v1/transfers", { params: { query: { status, cursor, limit: 50 } } })), () => 10_000);
  const columns: readonly Column<Transfer>[] = [
    { key: "at", title: t("transfer.asked_at"), csv: (row) => row.created_at, cell: (row) => <Link to={`/finance/transfers/${row.id}`}><When at={row.created_at} /></Link> },
    { key: "state", title: t("column.state"), csv: (row) => row.status, cell: (row) => <TransferStatus status={row.status} /> },
    { key: "kind", title: t("column.kind"), csv: (row) => row.kind, cell: (row) => t(`kind.${row.kind}`) },
    { key: "amount", title: t("column.amount"), end: true, csv: (row) => row.amount, cell: (row) => <Amount value={row.amount} asset={row.asset} /> },
    { key: "from", title: t("transfer.from"), csv: (row) => row.from, cell: (row) => <Link to={`/finance/accounts/${row.from}`}>{row.from}</Link> },
    { key: "to", title: t("transfer.to"), csv: (row) => row.to, cell: (row) => <Link to={`/finance/accounts/${row.to}`}>{row.to}</Link> },
    { key: "memo", title: t("transfer.memo"), wrap: true, csv: (row) => row.memo, cell: (row) => row.memo ?? "" },
    { key: "by", title: t("transfer.asked_by"), csv: (row) => row.created_by, cell: (row) => <Who id={row.created_by} /> },
    { key: "journal", title: t("column.journal"), csv: (row) => row.journal_id, cell: (row) => <JournalLink id={row.journal_id} /> },
  ];
  return (
    <Listed pages={pages} empty={<Empty title={t(status === null ? "transfer.none" : "transfer.none_such")} />}>
      {(rows) => <Table name={t("transfer.list")} columns={columns} rows={rows} rowKey={(row) => row.id} file="transfers" />}
    </Listed>
  );
}
