import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Select } from "@/kit/fields";
import { Table } from "@/kit/Table";
import { When } from "@/kit/values";
import { Person } from "@/faces/staff/approvals/words";
import { before, type Template } from "../terms";
import { Differences, type Names } from "../termWords";
import { Status } from "./words";

/** Who made which version and when, and what differs between any two. */
export function History({ versions, shown, names }: { versions: readonly Template[]; shown: Template; names: Names }): ReactNode {
  const { t } = useTranslation(["earndesk_template", "staff"]);
  const [pair, setPair] = useState<{ old: string; now: string } | null>(null); // what somebody chose; until then the one shown and the one before it
  const [first, second] = sides(versions, shown);
  const old = versions.find((one) => String(one.version) === pair?.old) ?? first;
  const now = versions.find((one) => String(one.version) === pair?.now) ?? second;
  const choices = versions.map(({ version, status }) => ({ id: String(version), text: `${t("one.version", { n: version })} · ${t(`status.${status}`)}` }));
  return (
    <div className="stack">
      <Table name={t("history.title")} rows={versions} rowKey={(row) => String(row.version)} columns={[
        { key: "version", title: t("list.version"), end: true, cell: (row) => row.version },
        { key: "status", title: t("list.status"), cell: (row) => <Status of={row.status} /> },
        { key: "from", title: t("list.from"), cell: (row) => row.effective_from ?? <span className="dim">–</span> },
        { key: "by", title: t("history.by"), cell: (row) => <Person id={row.created_by} name={null} /> },
        { key: "made", title: t("history.made"), cell: (row) => <When at={row.created_at} /> },
        { key: "published", title: t("history.published"), cell: (row) => <When at={row.published_at} /> },
        { key: "retired", title: t("history.retired"), cell: (row) => <When at={row.retired_at} /> },
      ]} />
      <div className="earndesk-fields">
        <Select label={t("history.old")} value={String(old.version)} choices={choices} onChange={(id) => { setPair({ old: id, now: String(now.version) }); }} />
        <Select label={t("history.new")} value={String(now.version)} choices={choices} onChange={(id) => { setPair({ old: String(old.version), now: id }); }} />
      </div>
      <Differences name={t("history.diff")} of={now} than={old} names={names} titles={[t("one.version", { n: old.version }), t("one.version", { n: now.version })]} />
    </div>
  );
}

/** The version shown and the one before it; of the first version the one after it. */
function sides(versions: readonly Template[], shown: Template): readonly [Template, Template] {
  const earlier = before(shown.version, versions);
  return earlier === undefined ? [shown, versions.findLast((one) => one.version > shown.version) ?? shown] : [earlier, shown];
}
