// Debits and credits per asset and kind of account, now or at the end of a day; both columns must be equal.

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When } from "@/kit/values";
import { Frame } from "../parts/Frame";
import { Chart } from "./Chart";

type Row = Schemas["TrialRowOut"];
type Total = Schemas["TrialTotalOut"];
type Trial = Schemas["TrialBalanceOut"];

const EVERY_MS = 10_000;

export default function TrialBalance(): ReactNode {
  const { t } = useTranslation("finance");
  const [day, setDay] = useState("");
  const at = day === "" ? null : `${day}T23:59:59.999999Z`;
  const query = useQuery({
    queryKey: ["finance", "trial", at],
    queryFn: () => ask(api.GET("/v1/ledger/trial-balance", { params: { query: { at } } })),
    refetchInterval: at === null ? EVERY_MS : false,
  });
  return (
    <Frame title={t("rooms.trial")} intro={t("trial.intro")}>
      <div className="finance-form">
        <TextField label={t("trial.day")} type="date" value={day} onChange={setDay} />
        <p className="dim">{t(at === null ? "trial.now" : "trial.then")}</p>
      </div>
      <Loaded query={query} lines={10} isEmpty={(trial) => trial.rows.length === 0} empty={<Empty title={t("trial.none")} />}>
        {(trial) => <Shown trial={trial} />}
      </Loaded>
      <Panel title={t("chart.title")}><Chart at={at} /></Panel>
    </Frame>
  );
}

function Shown({ trial }: { trial: Trial }): ReactNode {
  const { t } = useTranslation("finance");
  const [asset, setAsset] = useState("");
  const of = <T extends { asset: string }>(rows: readonly T[]): T[] => rows.filter((row) => asset === "" || row.asset === asset);
  const choices = [{ id: "", text: t("any") }, ...trial.totals.map((total) => ({ id: total.asset, text: total.asset }))];
  return (
    <>
      <Panel title={t("trial.totals")} actions={<span className="dim">{t("trial.as_of")} <When at={trial.as_of} /></span>}>
        <div className="stack">
          <div className="finance-form"><Select label={t("column.asset")} value={asset} choices={choices} onChange={setAsset} /></div>
          <Totals rows={of(trial.totals)} />
        </div>
      </Panel>
      <Panel title={t("trial.rows")}><Rows rows={of(trial.rows)} /></Panel>
    </>
  );
}

function Totals({ rows }: { rows: readonly Total[] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Total>[] = [
    { key: "asset", title: t("column.asset"), csv: (row) => row.asset, cell: (row) => <strong>{row.asset}</strong> },
    { key: "debit", title: t("journal.debit"), end: true, csv: (row) => row.debit, cell: (row) => <Amount value={row.debit} /> },
    { key: "credit", title: t("journal.credit"), end: true, csv: (row) => row.credit, cell: (row) => <Amount value={row.credit} /> },
    {
      key: "balanced", title: t("column.state"), csv: (row) => (row.balanced ? "balanced" : "unbalanced"),
      cell: (row) => (row.balanced ? <Pill tone="good">{t("trial.balanced")}</Pill> : <Pill tone="bad">{t("trial.unbalanced")}</Pill>),
    },
  ];
  return <Table name={t("trial.totals")} columns={columns} rows={rows} rowKey={(row) => row.asset} file="trial-balance-totals" />;
}

function Rows({ rows }: { rows: readonly Row[] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Row>[] = [
    { key: "asset", title: t("column.asset"), csv: (row) => row.asset, cell: (row) => row.asset },
    { key: "kind", title: t("trial.kind"), csv: (row) => row.kind, cell: (row) => t(`account_kind.${row.kind}`) },
    { key: "accounts", title: t("trial.accounts"), end: true, csv: (row) => String(row.accounts), cell: (row) => row.accounts },
    { key: "debit", title: t("journal.debit"), end: true, csv: (row) => row.debit, cell: (row) => <Amount value={row.debit} /> },
    { key: "credit", title: t("journal.credit"), end: true, csv: (row) => row.credit, cell: (row) => <Amount value={row.credit} /> },
  ];
  return <Table name={t("trial.rows")} columns={columns} rows={rows} rowKey={(row) => `${row.asset}:${row.kind}`} file="trial-balance" />;
}
