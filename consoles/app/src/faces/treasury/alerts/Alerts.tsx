// What ran low, in words; an alert below the line clears itself when the balance is back above it.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/kit/age";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When, type Tone } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { Frame } from "../Frame";
import { useAlerts, type Alert } from "../reads";

/** An order that could not go out is worse than one that soon could not. */
const GRAVE: Record<string, Tone> = { venue_balance_low: "bad", below_warning_line: "warn" };

export default function Alerts(): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useAlerts();
  return (
    <Frame title={t("room.alerts")} note={t("alerts.note")}>
      <Loaded query={query} empty={<Empty title={t("alerts.none")}><p className="dim">{t("alerts.none_note")}</p></Empty>}>
        {(rows) => (
          <>
            <Part name={t("alerts.open")} rows={rows.filter((row) => row.state === "open")} none={t("alerts.none_open")} />
            <Part name={t("alerts.cleared")} rows={rows.filter((row) => row.state !== "open")} none={t("alerts.none_cleared")} />
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function Part({ name, rows, none }: { name: string; rows: readonly Alert[]; none: string }): ReactNode {
  const columns = useColumns();
  return (
    <Panel title={name}>
      {rows.length === 0 ? <Empty title={none} /> : <Table name={name} columns={columns} rows={rows} rowKey={(row) => row.id} file="treasury-alerts" />}
    </Panel>
  );
}

function useColumns(): Column<Alert>[] {
  const { t, i18n } = useTranslation("treasury");
  const known = (key: string, other: string): string => (i18n.exists(key, { ns: "treasury" }) ? t(key) : other);
  return [
    { key: "severity", title: t("alerts.severity"), csv: (row) => row.kind,
      cell: (row) => (row.state === "open"
        ? <Pill tone={GRAVE[row.kind] ?? "bad"}>{t(`alerts.grave.${GRAVE[row.kind] ?? "bad"}`)}</Pill>
        : <Pill>{t("alerts.over")}</Pill>) },
    { key: "venue", title: t("word.venue"), cell: (row) => venueName(row.venue), csv: (row) => row.venue },
    { key: "asset", title: t("word.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "words", title: t("alerts.words"), wrap: true, cell: (row) => known(`alerts.kind.${row.kind}`, row.kind) },
    { key: "usable", title: t("alerts.usable"), end: true, cell: (row) => <Amount value={row.usable} />, csv: (row) => row.usable },
    { key: "needed", title: t("alerts.needed"), end: true, cell: (row) => <Amount value={row.needed} />, csv: (row) => row.needed },
    { key: "times", title: t("alerts.times"), end: true, cell: (row) => row.times, csv: (row) => String(row.times) },
    { key: "age", title: t("alerts.age"), end: true, cell: (row) => <Age at={row.first_at} /> },
    { key: "first", title: t("word.since"), cell: (row) => <When at={row.first_at} />, csv: (row) => row.first_at },
    { key: "last", title: t("alerts.last"), cell: (row) => <When at={row.last_at} />, csv: (row) => row.last_at },
  ];
}
