import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { Copyable } from "../parts/values";

type Seal = Schemas["SealOut"];

const EVERY_MS = 10_000;

export default function Seals(): ReactNode {
  const { t } = useTranslation("finance");
  const pages = usePages(["finance", "seals"], (cursor) => ask(api.GET("/v1/ledger/seals", { params: { query: { cursor, limit: 50 } } })), () => EVERY_MS);
  return (
    <Frame title={t("rooms.seals")} intro={t("seals.intro")}>
      <Panel title={t("seals.verify")}>
        <p>{t("seals.verify_how")}</p>
        <Copyable value="rivermouth ledger verify" label={t("seals.command")} />
      </Panel>
      <Panel title={t("seals.title")}>
        <Listed pages={pages} empty={<NoSeals />}>{(rows) => <SealTable rows={rows} file="seals" />}</Listed>
      </Panel>
    </Frame>
  );
}

export function NewestSeals(): ReactNode {
  const query = useQuery({
    queryKey: ["finance", "seals", "newest"],
    queryFn: async () => (await ask(api.GET("/v1/ledger/seals", { params: { query: { limit: 5 } } }))).items,
    refetchInterval: EVERY_MS,
  });
  return <Loaded query={query} empty={<NoSeals />}>{(rows) => <SealTable rows={rows} />}</Loaded>;
}

function NoSeals(): ReactNode {
  const { t } = useTranslation("finance");
  return <Empty title={t("seals.none")} />;
}

function SealTable({ rows, file }: { rows: readonly Seal[]; file?: string }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Seal>[] = [
    { key: "no", title: t("seals.height"), end: true, csv: (row) => String(row.seal_no), cell: (row) => row.seal_no },
    { key: "at", title: t("seals.sealed_at"), csv: (row) => row.sealed_at, cell: (row) => <When at={row.sealed_at} /> },
    { key: "entries", title: t("seals.entries"), end: true, csv: (row) => String(row.entries), cell: (row) => row.entries },
    { key: "from", title: t("seals.covers"), csv: (row) => `${row.xid_from}…${row.xid_to}`, cell: (row) => <span className="number">{row.xid_from} – {row.xid_to}</span> },
    {
      key: "turnover", title: t("seals.turnover"), csv: (row) => Object.entries(row.sums ?? {}).map(([asset, sum]) => `${sum} ${asset}`).join("; "),
      cell: (row) => <>{Object.entries(row.sums ?? {}).map(([asset, sum]) => <div key={asset}><Amount value={sum} asset={asset} /></div>)}</>,
    },
    { key: "hash", title: t("seals.hash"), csv: (row) => row.hash, cell: (row) => <Copyable value={row.hash} label={t("seals.hash_of", { no: row.seal_no })} /> },
    { key: "prev", title: t("seals.prev"), csv: (row) => row.prev, cell: (row) => (row.prev === "" ? <span className="dim">{t("seals.first")}</span> : <code title={row.prev}>…{row.prev.slice(-8)}</code>) },
  ];
  return <Table name={t("seals.title")} columns={columns} rows={rows} rowKey={(row) => String(row.seal_no)} {...(file === undefined ? {} : { file })} />;
}
