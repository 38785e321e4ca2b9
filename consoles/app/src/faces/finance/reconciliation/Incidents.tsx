import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Pill, When } from "@/kit/values";

type Incident = Schemas["IncidentOut"];

const EVERY_MS = 15_000;

export function Incidents(): ReactNode {
  const { t } = useTranslation("finance");
  const query = useQuery({
    queryKey: ["finance", "incidents"],
    queryFn: async () => (await ask(api.GET("/v1/reconciliation/incidents"))).items,
    refetchInterval: EVERY_MS,
  });
  const columns: readonly Column<Incident>[] = [
    {
      key: "state", title: t("column.state"), csv: (row) => row.state,
      cell: (row) => <Pill tone={row.state === "open" ? "bad" : "good"}>{t(`incidents.${row.state === "open" ? "open" : "closed"}`)}</Pill>,
    },
    { key: "kind", title: t("incidents.kind"), csv: (row) => row.kind, cell: (row) => t(`incidents.${row.kind}`) },
    { key: "name", title: t("column.name"), csv: (row) => row.name, cell: (row) => <code>{row.name}</code> },
    { key: "detail", title: t("incidents.detail"), wrap: true, csv: (row) => row.detail, cell: (row) => row.detail },
    { key: "times", title: t("incidents.times"), end: true, csv: (row) => String(row.times), cell: (row) => row.times },
    { key: "first", title: t("incidents.first"), csv: (row) => row.first_at, cell: (row) => <When at={row.first_at} /> },
    { key: "last", title: t("incidents.last"), csv: (row) => row.last_at, cell: (row) => <When at={row.last_at} /> },
  ];
  return (
    <Loaded query={query} empty={<Empty title={t("incidents.none")} />}>
      {(rows) => <Table name={t("incidents.title")} columns={columns} rows={rows} rowKey={(row) => row.id} file="incidents" />}
    </Loaded>
  );
}
