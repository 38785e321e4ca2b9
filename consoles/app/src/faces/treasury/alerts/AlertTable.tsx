// Alerts as a table; an open one can be acknowledged by who may.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Age } from "@/kit/age";
import { Button } from "@/kit/Button";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Amount, Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { placeName } from "../place";
import type { Alert } from "../reads";

export function AlertTable({ name, rows }: { name: string; rows: readonly Alert[] }): ReactNode {
  const columns = useColumns();
  return <div className="deeds-last"><Table name={name} columns={columns} rows={rows} rowKey={(row) => row.id} file="treasury-alerts" /></div>;
}

function useColumns(): Column<Alert>[] {
  const { t } = useTranslation("treasury");
  return [
    { key: "severity", title: t("alerts.severity"), csv: (row) => row.level,
      cell: (row) => (row.state === "open"
        ? <Pill tone={row.level === "critical" ? "bad" : "warn"}>{t(`balances.level.${row.level}`)}</Pill>
        : <Pill>{t("alerts.over")}</Pill>) },
    { key: "place", title: t("word.place"), cell: (row) => placeName(row.location), csv: (row) => row.location },
    { key: "asset", title: t("word.asset"), cell: (row) => (row.asset === "*" ? t("word.all") : row.asset), csv: (row) => row.asset },
    { key: "words", title: t("alerts.words"), wrap: true, cell: (row) => t(`alerts.kind.${row.kind}`), csv: (row) => row.kind },
    { key: "usable", title: t("alerts.usable"), end: true, cell: (row) => <Amount value={row.usable} />, csv: (row) => row.usable },
    { key: "needed", title: t("alerts.needed"), end: true, cell: (row) => <Amount value={row.needed} />, csv: (row) => row.needed },
    { key: "times", title: t("alerts.times"), end: true, cell: (row) => row.times, csv: (row) => String(row.times) },
    { key: "age", title: t("alerts.age"), end: true, cell: (row) => <Age at={row.first_at} /> },
    { key: "first", title: t("word.since"), cell: (row) => <When at={row.first_at} />, csv: (row) => row.first_at },
    { key: "last", title: t("alerts.last"), cell: (row) => <When at={row.last_at} />, csv: (row) => row.last_at },
    { key: "ack", title: t("alerts.ack"), cell: (row) => <Answer row={row} />, csv: (row) => row.acked_at },
  ];
}

function Answer({ row }: { row: Alert }): ReactNode {
  const { may } = useSession();
  if (row.acked_at !== null) return <When at={row.acked_at} />;
  if (row.state !== "open" || !may("treasury:write")) return <span className="dim">–</span>;
  return <Acknowledge row={row} />;
}

function Acknowledge({ row }: { row: Alert }): ReactNode {
  const { t } = useTranslation("treasury");
  const { refused } = useToasts();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await ask(api.POST("/v1/treasury/alerts/{id}/ack", { params: { path: { id: row.id } } }));
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: ["treasury"] });
    }
  };
  const name = t("alerts.ack_of", { place: placeName(row.location), asset: row.asset });
  return <Button busy={busy} aria-label={name} onPress={() => void act()}>{t("alerts.take")}</Button>;
}
