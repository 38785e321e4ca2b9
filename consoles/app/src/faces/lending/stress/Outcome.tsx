// The answer to one scenario: the figures, the curve towards it, what comes to market, and who loses most.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { CurveChart, type Curve } from "@/charts/CurveChart";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Id, Pill } from "@/kit/values";
import { isZero, lessThan } from "@/money/decimal";
import { formatPercent } from "@/money/format";
import { useSettings } from "@/settings/settings";
import type { Stress } from "../bookReads";
import { Level } from "../book/tables";

export function Outcome({ stress }: { stress: Stress }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <>
      <Headline stress={stress} />
      {stress.losses.map(({ asset }) => (
        <Panel key={asset} title={t("stress.curve", { asset })}><LossCurve stress={stress} asset={asset} /></Panel>
      ))}
      <Panel title={t("stress.market")}><Market rows={stress.to_sell} /></Panel>
      <div className="grid">
        <Panel title={t("stress.levels")}><Levels rows={stress.levels} /></Panel>
        <Panel title={t("stress.worst")}>{stress.worst.length === 0 ? <Empty title={t("stress.nobody")} /> : <Worst rows={stress.worst} />}</Panel>
      </div>
    </>
  );
}

function Headline({ stress }: { stress: Stress }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <Figures>
      <Figure name={t("stress.liquidations")} note={t("stress.of", { n: stress.loans })}>{String(stress.liquidations)}</Figure>
      {stress.unpriced > 0 && <Figure name={t("stress.unpriced")} note={t("stress.unpriced_note")}>{String(stress.unpriced)}</Figure>}
      {stress.losses.flatMap((row) => [
        <Figure key={`${row.asset} need`} name={t("stress.liquidity")} note={t("stress.liquidity_note")}><Amount value={row.liquidity_needed} asset={row.asset} /></Figure>,
        <Figure key={`${row.asset} back`} name={t("stress.surplus")} note={t("stress.surplus_note")}><Amount value={row.surplus} asset={row.asset} /></Figure>,
        <Figure key={`${row.asset} loss`} name={t("stress.losses")}
          note={<>{t("stress.insured")} <Amount value={row.insured} asset={row.asset} /></>}><Amount value={row.losses} asset={row.asset} /></Figure>,
        <Figure key={`${row.asset} bad`} name={t("stress.bad_debt")}
          note={isZero(row.bad_debt) ? <Pill tone="good">{t("stress.covered")}</Pill> : <Pill tone="bad">{t("stress.house")}</Pill>}>
          <Amount value={row.bad_debt} asset={row.asset} />
        </Figure>,
      ])}
    </Figures>
  );
}

function LossCurve({ stress, asset }: { stress: Stress; asset: string }): ReactNode {
  const { t } = useTranslation("lending_book");
  const { language } = useSettings().settings;
  const rows = stress.curve.map((point) => {
    const found = point.losses.find((loss) => loss.asset === asset);
    return { share: point.share, debt: found?.debt ?? "0", losses: found?.losses ?? "0", bad: found?.bad_debt ?? "0", n: found?.liquidations ?? 0 };
  });
  const curve = (name: string, tone: Curve["tone"], pick: (row: (typeof rows)[number]) => string): Curve =>
    ({ name, tone, points: rows.map((row) => ({ x: row.share, y: pick(row) })) });
  return (
    <CurveChart label={t("stress.curve", { asset })} ends={[t("stress.none"), t("stress.full")]}
      curves={[curve(t("stress.debt_sold"), "accent", (row) => row.debt), curve(t("stress.losses"), "warn", (row) => row.losses), curve(t("stress.bad_debt"), "bad", (row) => row.bad)]}
      table={(
        <Table name={t("stress.curve", { asset })} rows={rows} rowKey={(row) => row.share} file={`stress-${asset}`} columns={[
          { key: "share", title: t("col.share"), cell: (row) => formatPercent(row.share, language, 0), csv: (row) => row.share },
          { key: "n", title: t("stress.liquidations"), end: true, cell: (row) => row.n, csv: (row) => String(row.n) },
          { key: "debt", title: t("stress.debt_sold"), end: true, cell: (row) => <Amount value={row.debt} />, csv: (row) => row.debt },
          { key: "losses", title: t("stress.losses"), end: true, cell: (row) => <Amount value={row.losses} />, csv: (row) => row.losses },
          { key: "bad", title: t("stress.bad_debt"), end: true, cell: (row) => <Amount value={row.bad} />, csv: (row) => row.bad },
        ]} />
      )} />
  );
}

/** What comes to market beside what the books would buy now: more than that waits at its floor price. */
function Market({ rows }: { rows: Stress["to_sell"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <div className="stack">
      <p className="dim">{t("stress.market_note")}</p>
      <Table name={t("stress.market")} rows={rows} rowKey={(row) => `${row.asset}-${row.quote}`} file="stress-market" columns={[
        { key: "asset", title: t("col.collateral"), cell: (row) => <strong>{row.asset}</strong>, csv: (row) => row.asset },
        { key: "price", title: t("stress.now"), end: true, cell: (row) => <Amount value={row.price} asset={row.quote} />, csv: (row) => row.price },
        { key: "shocked", title: t("stress.then"), end: true, cell: (row) => <Amount value={row.shocked} asset={row.quote} />, csv: (row) => row.shocked },
        { key: "quantity", title: t("stress.sold"), end: true, cell: (row) => <Amount value={row.quantity} />, csv: (row) => row.quantity },
        { key: "depth", title: t("stress.depth"), end: true, cell: (row) => <Amount value={row.depth} />, csv: (row) => row.depth },
        { key: "fits", title: t("stress.fits"), csv: (row) => String(!lessThan(row.depth, row.quantity)), cell: (row) => (
          lessThan(row.depth, row.quantity) ? <Pill tone="bad">{t("stress.waits")}</Pill> : <Pill tone="good">{t("stress.taken")}</Pill>
        ) },
        { key: "value", title: t("col.value"), end: true, cell: (row) => <Amount value={row.value} asset={row.quote} />, csv: (row) => row.value },
      ]} />
    </div>
  );
}

function Levels({ rows }: { rows: Stress["levels"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  return <Table name={t("stress.levels")} rows={rows} rowKey={(row) => row.level} file="stress-levels" columns={[
    { key: "level", title: t("col.level"), cell: (row) => <Level of={row.level} />, csv: (row) => row.level },
    { key: "before", title: t("stress.before"), end: true, cell: (row) => row.before, csv: (row) => String(row.before) },
    { key: "after", title: t("stress.after"), end: true, cell: (row) => row.after, csv: (row) => String(row.after) },
  ]} />;
}

function Worst({ rows }: { rows: Stress["worst"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  return <Table name={t("stress.worst")} rows={rows} rowKey={(row) => row.loan_id} file="stress-worst" columns={[
    { key: "loan", title: t("col.loan"), cell: (row) => <Link to={`/borrow/${row.loan_id}`}><Id value={row.loan_id} /></Link>, csv: (row) => row.loan_id },
    { key: "product", title: t("col.product"), cell: (row) => row.product, csv: (row) => row.product },
    { key: "debt", title: t("col.debt"), end: true, cell: (row) => <Amount value={row.debt} asset={row.asset} />, csv: (row) => row.debt },
    { key: "value", title: t("stress.sold_value"), end: true, cell: (row) => <Amount value={row.value} asset={row.asset} />, csv: (row) => row.value },
    { key: "loss", title: t("stress.loss"), end: true, cell: (row) => <Amount value={row.loss} asset={row.asset} />, csv: (row) => row.loss },
  ]} />;
}
