// Every version of every product, with what it has on sale; from here to the editor.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount } from "@/kit/values";
import { useSession } from "@/session/session";
import { salesOf, shiftMonth } from "../calendar/model";
import { Frame } from "../Frame";
import { useCalendar, useTemplates } from "../reads";
import type { Template } from "../terms";
import { useSaid } from "../termWords";
import { Status } from "./words";

export default function TemplatesRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_template"]);
  const { may } = useSession();
  return (
    <Frame title={t("room.templates")} note={t("earndesk_template:list.note")}>
      <Panel title={t("earndesk_template:list.title")} actions={may("earn:write") && <Link className="button primary" to="/fixed-income/templates/new">{t("earndesk_template:list.new")}</Link>}>
        <Loaded query={useTemplates()} lines={8} empty={<Empty title={t("earndesk_template:list.none")} />}>{(rows) => <List rows={rows} />}</Loaded>
      </Panel>
    </Frame>
  );
}

function List({ rows }: { rows: readonly Template[] }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const said = useSaid();
  const { data: now } = useCalendar(null);
  const { data: next } = useCalendar(now === undefined ? null : shiftMonth(now.month, 1));
  const sales = now === undefined || next === undefined ? undefined : salesOf([...now.items, ...next.items]);
  const sold = (row: Template): ReturnType<typeof salesOf>[string] | undefined => sales?.[`${row.id} ${String(row.version)}`];
  const columns: Column<Template>[] = [
    { key: "name", title: t("list.name"), csv: (row) => row.name, cell: (row) => <Link to={`/fixed-income/templates/${row.id}?version=${String(row.version)}`}><strong>{row.name}</strong></Link> },
    { key: "version", title: t("list.version"), end: true, csv: (row) => String(row.version), cell: (row) => row.version },
    { key: "status", title: t("list.status"), csv: (row) => row.status, cell: (row) => <Status of={row.status} /> },
    { key: "asset", title: t("list.asset"), csv: (row) => row.asset, cell: (row) => row.asset },
    { key: "rate", title: t("list.rate"), wrap: true, csv: (row) => row.terms.tiers.map(({ above, apr }) => `${above}:${apr}`).join(" "), cell: (row) => said(row, "tiers") },
    { key: "tenor", title: t("list.tenor"), csv: (row) => row.terms.tenor, cell: (row) => said(row, "tenor") },
    { key: "payout", title: t("list.payout"), csv: (row) => row.terms.payout, cell: (row) => said(row, "payout") },
    { key: "from", title: t("list.from"), csv: (row) => row.effective_from, cell: (row) => row.effective_from ?? <span className="dim">–</span> },
    { key: "days", title: t("list.days"), end: true, csv: (row) => String(sold(row)?.days ?? ""), cell: (row) => (sales === undefined ? "…" : sold(row)?.days ?? <span className="dim">–</span>) },
    { key: "sold", title: t("list.sold"), end: true, csv: (row) => sold(row)?.sold, cell: (row) => (sales === undefined ? "…" : <Amount value={sold(row)?.sold} {...(sold(row) === undefined ? {} : { asset: row.asset })} />) },
  ];
  return (
    <>
      <Table name={t("list.title")} columns={columns} rows={rows} rowKey={(row) => `${row.id} ${String(row.version)}`} file="fixed-income-products" />
      <p className="dim">{t("list.sold_note")}</p>
    </>
  );
}
