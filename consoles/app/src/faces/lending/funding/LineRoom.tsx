// One line: what it lends and costs, every draw and repayment, the cost of each day, and what its products earn with the money.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { CurveChart } from "@/charts/CurveChart";
import { JournalLink } from "@/faces/finance/parts/values";
import { Button } from "@/kit/Button";
import { ExactPercent, Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Change, Id, Pill, When, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";
import { Asked } from "../Asked";
import { BookFrame } from "../BookFrame";
import { SpreadOf } from "../book/Spread";
import { useSpread, type SpreadDay } from "../bookReads";
import { useProducts } from "../products/reads";
import { ChangeLine } from "./ChangeLine";
import { sourceOf, Used } from "./Lines";
import { productsOn, sumsByProduct } from "./model";
import { useLine, type LineStory } from "./reads";

const DAYS = 30;

export default function LineRoom(): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_funding"]);
  const { id = "" } = useParams();
  const query = useLine(id);
  return (
    <BookFrame title={query.data?.name ?? t("room.line")} note={t("lending_funding:one.note")}>
      <p><Link to="/lending/funding">← {t("lending_funding:one.back")}</Link></p>
      <Loaded query={query} lines={10}>{(line) => <Whole line={line} />}</Loaded>
    </BookFrame>
  );
}

function Whole({ line }: { line: LineStory }): ReactNode {
  const { t } = useTranslation("lending_funding");
  const { may } = useSession();
  const [changing, setChanging] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <>
      {asked !== null && <Asked approval={asked} />}
      <Now line={line} />
      {may("lending:write") && <div><Button onPress={() => { setChanging(true); }}>{t("change.title")}</Button></div>}
      <Panel title={t("spread.title")}><Spread line={line.id} /></Panel>
      <Panel title={t("day.title")}>{line.days.length === 0 ? <Empty title={t("day.none")} /> : <Days line={line} />}</Panel>
      <Panel title={t("move.title")}>{line.moves.length === 0 ? <Empty title={t("move.none")} /> : <Moves line={line} />}</Panel>
      {changing && <ChangeLine line={line} onClose={() => { setChanging(false); }} onAsked={setAsked} />}
    </>
  );
}

function Now({ line }: { line: LineStory }): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_funding"]);
  const own = (value: string): ReactNode => <Amount value={value} asset={line.asset} />;
  return (
    <Figures>
      <Figure name={t("col.limit")} note={<>{t("col.used")} <Used of={line} /></>}>{own(line.limit)}</Figure>
      <Figure name={t("col.drawn")} note={<>{t("lending_funding:col.asked")} {own(line.asked)}</>}>{own(line.drawn)}</Figure>
      <Figure name={t("col.free")}>{own(line.free)}</Figure>
      <Figure name={t("col.rate")} note={line.day_count}><ExactPercent share={line.rate} /></Figure>
      <Figure name={t("col.accrued")} note={<>{t("col.through")} {line.accrued_through}</>}>{own(line.cost_owed)}</Figure>
      <Figure name={t("col.source")} note={t(`lending_funding:adapter.${line.adapter}`)}>{sourceOf(line)}</Figure>
    </Figures>
  );
}

/** Of the products that are paid from this line, as their days were booked. */
function Spread({ line }: { line: string }): ReactNode {
  const { t } = useTranslation("lending_funding");
  const { data: products = [] } = useProducts();
  const mine = productsOn(line, products);
  return (
    <Loaded query={useSpread(DAYS)}>
      {(all) => {
        const rows = all.filter((row) => mine.has(row.product_id));
        return rows.length === 0 ? <Empty title={t("spread.none")} /> : (
          <div className="stack">
            <ByProduct rows={rows} />
            <SpreadOf rows={rows} />
          </div>
        );
      }}
    </Loaded>
  );
}

function ByProduct({ rows }: { rows: readonly SpreadDay[] }): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_funding"]);
  return <Table name={t("lending_funding:spread.by_product", { n: DAYS })} rows={sumsByProduct(rows)} rowKey={(row) => row.product_id} file="spread-by-product" columns={[
    { key: "name", title: t("col.product"), cell: (row) => <Link to={`/lending/products/${row.product_id}`}>{row.name}</Link>, csv: (row) => row.name },
    { key: "days", title: t("lending_funding:spread.days"), end: true, cell: (row) => row.days, csv: (row) => String(row.days) },
    { key: "interest", title: t("spread.interest"), end: true, cell: (row) => <Amount value={row.interest} asset={row.asset} />, csv: (row) => row.interest },
    { key: "cost", title: t("spread.cost"), end: true, cell: (row) => <Amount value={row.cost} asset={row.asset} />, csv: (row) => row.cost },
    { key: "spread", title: t("spread.spread"), end: true, cell: (row) => <Change value={row.spread} asset={row.asset} />, csv: (row) => row.spread },
  ]} />;
}

function Days({ line }: { line: LineStory }): ReactNode {
  const { t } = useTranslation("lending_funding");
  const days = line.days.toSorted((a, b) => Date.parse(a.day) - Date.parse(b.day));
  const table = <Table name={t("day.title")} rows={days.toReversed()} rowKey={(row) => row.day} file={`funding-cost-${line.name}`} columns={[
    { key: "day", title: t("day.day"), cell: (row) => row.day, csv: (row) => row.day },
    { key: "cost", title: t("day.cost"), end: true, cell: (row) => <Amount value={row.amount} asset={line.asset} />, csv: (row) => row.amount },
    { key: "total", title: t("day.total"), end: true, cell: (row) => <Amount value={row.total} asset={line.asset} />, csv: (row) => row.total },
  ]} />;
  if (days.length < 2) return table;
  return <CurveChart label={t("day.curve", { asset: line.asset })} ends={[days[0]?.day, days.at(-1)?.day]} table={table}
    curves={[{ name: t("day.cost_in", { asset: line.asset }), tone: "warn", points: days.map((row) => ({ x: String(Date.parse(row.day)), y: row.amount })) }]} />;
}

const TONES: Record<LineStory["moves"][number]["status"], Tone> = { asked: "info", done: "good", refused: "bad", unknown: "warn" };

function Moves({ line }: { line: LineStory }): ReactNode {
  const { t } = useTranslation("lending_funding");
  const { may } = useSession();
  return <Table name={t("move.title")} rows={line.moves} rowKey={(row) => row.id} file={`funding-moves-${line.name}`} columns={[
    { key: "at", title: t("move.at"), cell: (row) => <When at={row.at} />, csv: (row) => row.at },
    { key: "kind", title: t("move.kind"), cell: (row) => t(`move.kinds.${row.kind}`), csv: (row) => row.kind },
    { key: "amount", title: t("move.amount"), end: true, cell: (row) => <Amount value={row.amount} asset={line.asset} />, csv: (row) => row.amount },
    { key: "status", title: t("move.status"), cell: (row) => <Pill tone={TONES[row.status]}>{t(`move.states.${row.status}`)}</Pill>, csv: (row) => row.status },
    { key: "loan", title: t("move.loan"), csv: (row) => row.loan_id, cell: (row) => (row.loan_id === null ? <span className="dim">–</span> : <Link to={`/borrow/${row.loan_id}`}><Id value={row.loan_id} /></Link>) },
    { key: "entry", title: t("move.entry"), csv: (row) => row.journal_id,
      cell: (row) => (may("ledger:read") || row.journal_id === null ? <JournalLink id={row.journal_id} /> : <Id value={row.journal_id} />) },
  ]} />;
}
