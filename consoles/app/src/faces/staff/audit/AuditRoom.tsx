import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Id, When } from "@/kit/values";
import { Frame } from "../Frame";
import { Entry } from "./Entry";
import { FilterForm } from "./FilterForm";
import { useFilters, type Filters } from "./filters";
import { Standing } from "./Standing";
import { useName, Who, type AuditEntry } from "./words";

/** Who did what, from where. */
export default function AuditRoom(): ReactNode {
  const { t } = useTranslation("staff");
  const [filters, setFilters] = useFilters();
  return (
    <Frame title={t("room.audit")} intro={t("audit.intro")}>
      <Panel title={t("chain.title")}><Standing /></Panel>
      <Panel title={t("audit.list")}>
        <div className="stack">
          <FilterForm key={JSON.stringify(filters)} filters={filters} onLook={setFilters} />
          <List filters={filters} onLook={setFilters} />
        </div>
      </Panel>
    </Frame>
  );
}

function List({ filters, onLook }: { filters: Filters; onLook: (filters: Filters) => void }): ReactNode {
  const { t } = useTranslation("staff");
  const nameOf = useName();
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const query = usePages<AuditEntry>(["audit", "list", filters], (cursor) => ask(api.GET("/v1/audit", {
    params: { query: { limit: 50, ...filters, ...(cursor === null ? {} : { cursor }) } },
  })));
  const only = (part: Filters, text: ReactNode, label: string): ReactNode => (
    <Button kind="quiet" aria-label={t("audit.only", { what: label })} onPress={() => { onLook({ ...filters, ...part }); }}>{text}</Button>
  );
  const columns: readonly Column<AuditEntry>[] = [
    { key: "at", title: t("audit.at"), csv: (e) => e.at, cell: (e) => <When at={e.at} /> },
    { key: "who", title: t("audit.who"), csv: nameOf, cell: (e) => only({ actor: e.actor }, <Who entry={e} />, nameOf(e)) },
    { key: "action", title: t("audit.action"), csv: (e) => e.action, cell: (e) => only({ action: e.action }, <code>{e.action}</code>, e.action) },
    { key: "what", title: t("audit.what"), csv: (e) => `${e.resource_kind}:${e.resource_id}`, cell: (e) => (
      only({ resource: `${e.resource_kind}:${e.resource_id}` }, <>{e.resource_kind} <Id value={e.resource_id} /></>, `${e.resource_kind} ${e.resource_id}`)
    ) },
    { key: "via", title: t("audit.via"), csv: (e) => e.via, cell: (e) => t(`via.${e.via}`) },
    { key: "address", title: t("audit.address"), csv: (e) => e.address, cell: (e) => e.address ?? "–" },
    { key: "place", title: t("audit.place"), end: true, csv: (e) => (e.seq === null ? "" : String(e.seq)), cell: (e) => e.seq ?? <span className="dim">{t("audit.waiting")}</span> },
    { key: "open", title: t("audit.more"), cell: (e) => <Button aria-label={t("audit.open_one", { action: e.action })} onPress={() => { setShown(e); }}>{t("audit.open")}</Button> },
  ];
  return (
    <>
      <Paged query={query} empty={<Empty title={t("audit.none")} />}>
        {(rows) => <Table name={t("audit.list")} rows={rows} rowKey={(e) => e.id} columns={columns} file="audit" />}
      </Paged>
      {shown !== null && <Entry entry={shown} onClose={() => { setShown(null); }} />}
    </>
  );
}
