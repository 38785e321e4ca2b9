import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import { add, isZero, mul } from "@/money/decimal";
import { barsOf, overdueOf, type Bar } from "./model";
import type { Rungs } from "./reads";

/** One asset: bars for the eye, the same as a table, and every day below. */
export function LadderOf({ rungs }: { rungs: Rungs }): ReactNode {
  const { t } = useTranslation("earndesk_liabilities");
  const name = useSpanName();
  const bars = barsOf(rungs);
  const late = overdueOf(rungs);
  return (
    <section className="stack" aria-label={t("ladder.of", { asset: rungs.asset })}>
      <h3>{t("ladder.of", { asset: rungs.asset })}: <Amount value={rungs.total} asset={rungs.asset} /> <span className="dim">
        ({t("principal")} <Amount value={rungs.principal} />, {t("interest")} <Amount value={rungs.interest} />)</span></h3>
      {!isZero(late) && <p><Pill tone="bad">{t("ladder.overdue")}</Pill> <Amount value={late} asset={rungs.asset} /></p>}
      <div className="earndesk-bars" aria-hidden="true">
        {bars.map((bar) => (
          <div key={name(bar)} className="bar">
            <span>{name(bar)}</span>
            <span className="track"><i style={{ width: `${mul(bar.share.principal, "100")}%` }} /><i className="interest" style={{ width: `${mul(bar.share.interest, "100")}%` }} /></span>
            <span className="sum"><Amount value={add(bar.principal, bar.interest)} asset={rungs.asset} /></span>
          </div>
        ))}
        <p className="row dim"><span className="key" />{t("principal")} <span className="key interest" />{t("interest")}</p>
      </div>
      <Table name={t("ladder.of", { asset: rungs.asset })} rows={bars} rowKey={name} file={`ladder-${rungs.asset}`} columns={[
        { key: "span", title: t("ladder.span"), cell: name, csv: name },
        { key: "principal", title: t("principal"), end: true, cell: (row) => <Amount value={row.principal} asset={rungs.asset} />, csv: (row) => row.principal },
        { key: "interest", title: t("interest"), end: true, cell: (row) => <Amount value={row.interest} asset={rungs.asset} />, csv: (row) => row.interest },
        { key: "total", title: t("total"), end: true, cell: (row) => <Amount value={add(row.principal, row.interest)} asset={rungs.asset} />, csv: (row) => add(row.principal, row.interest) },
      ]} />
      <details>
        <summary>{t("ladder.by_day", { count: rungs.days.length })}</summary>
        <div className="earndesk-rows">
          <Table name={t("ladder.days", { asset: rungs.asset })} rows={rungs.days} rowKey={(row) => row.date} file={`ladder-days-${rungs.asset}`} columns={[
            { key: "date", title: t("ladder.due"), cell: (row) => row.date, csv: (row) => row.date },
            { key: "principal", title: t("principal"), end: true, cell: (row) => <Amount value={row.principal} asset={rungs.asset} />, csv: (row) => row.principal },
            { key: "interest", title: t("interest"), end: true, cell: (row) => <Amount value={row.interest} asset={rungs.asset} />, csv: (row) => row.interest },
          ]} />
        </div>
      </details>
    </section>
  );
}

function useSpanName(): (bar: Bar) => string {
  const { t } = useTranslation("earndesk_liabilities");
  return ({ from, to }) => {
    if (from === null) return t("ladder.late");
    return to === null ? t("ladder.later", { from }) : t("ladder.between", { from, to });
  };
}
