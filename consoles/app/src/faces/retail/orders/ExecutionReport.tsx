// Why the order went where it went: what each venue offered, what was chosen, what that saved, what came of it.

import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { assetsOf } from "@/faces/retail/markets";
import { useWords, type Words } from "@/faces/retail/words";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When } from "@/kit/values";
import { abs, isZero, ratio, sign } from "@/money/decimal";
import { useExecutionReport } from "./queries";

type Round = Schemas["RoundOut"];
type Seen = Schemas["VenueSeenOut"];

export function ExecutionReport({ id, symbol }: { id: string; symbol: string }): ReactNode {
  const { t } = useWords("order_story");
  const query = useExecutionReport(id);
  return (
    <Loaded query={query} isEmpty={(report) => report.rounds.length === 0} empty={<Empty title={t("order_story:report.none")} />}>
      {(report) => <div className="stack">{report.rounds.map((round) => <OneRound key={round.number} round={round} symbol={symbol} />)}</div>}
    </Loaded>
  );
}

function OneRound({ round, symbol }: { round: Round; symbol: string }): ReactNode {
  const words = useWords("order_story");
  const { t, time } = words;
  return (
    <section className="stack">
      <h3>{t("order_story:report.round", { number: round.number, at: time(round.at) })}</h3>
      <Table name={t("order_story:report.offered", { number: round.number })} rows={round.venues} rowKey={(seen) => seen.venue}
        columns={columnsOf(words, round, symbol)} />
      <ul className="retail-story">{summary(words, round, symbol).map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
    </section>
  );
}

function columnsOf({ t, price, amount }: Words, round: Round, symbol: string): Column<Seen>[] {
  const [base] = assetsOf(symbol);
  const filled = (seen: Seen): string =>
    round.fills.filter((fill) => fill.venue === seen.venue).map((fill) => `${amount(fill.quantity, base)} @ ${price(fill.price, symbol)}`).join(", ");
  return [
    { key: "venue", title: t("retail_more:col.venue"), cell: (s) => s.venue },
    { key: "price", title: t("order_story:report.price"), end: true, cell: (s) => (s.price === null ? <Amount value={null} /> : price(s.price, symbol)) },
    { key: "depth", title: t("order_story:report.depth"), end: true, cell: (s) => <Amount value={s.depth} asset={base} /> },
    { key: "as_of", title: t("order_story:report.as_of"), cell: (s) => <When at={s.as_of} clock /> },
    { key: "chosen", title: t("order_story:report.decision"), cell: (s) => (s.chosen
      ? <Pill tone="good">{t("order_story:report.chosen")}</Pill>
      : <span className="dim">{t(`order_story:passed.${(s.reason ?? "other").toLowerCase()}`, { defaultValue: t("order_story:passed.other") })}</span>) },
    { key: "quantity", title: t("order_story:report.sent"), end: true, cell: (s) => <Amount value={s.quantity} asset={base} /> },
    { key: "filled", title: t("order_story:report.filled"), cell: (s) => filled(s) || <Amount value={null} /> },
  ];
}

function summary({ t, price, percent, amount }: Words, round: Round, symbol: string): string[] {
  const [base, quote] = assetsOf(symbol);
  const said: string[] = [];
  if (round.best_single !== null) {
    said.push(t("order_story:report.alone", { venue: round.best_single.venue, price: price(round.best_single.price, symbol) }));
  } else if (round.planned_quantity !== null) said.push(t("order_story:report.no_alone"));
  if (round.saved !== null && !isZero(round.filled_quantity)) {
    said.push(sign(round.saved) > 0 ? t("order_story:report.saved", { sum: amount(round.saved, quote) }) : t("order_story:report.same"));
  }
  if (round.filled_price === null) said.push(t("order_story:report.nothing"));
  else {
    said.push(t("order_story:report.got", {
      quantity: amount(round.filled_quantity, base), price: price(round.filled_price, symbol),
      expected: round.expected_price === null ? "–" : price(round.expected_price, symbol),
    }));
  }
  if (round.slippage_bps !== null && !isZero(round.slippage_bps)) {
    const worse = sign(round.slippage_bps) > 0;
    said.push(t(worse ? "order_story:report.worse" : "order_story:report.better", { share: percent(ratio(abs(round.slippage_bps), "10000", 10), 4) }));
  }
  return said;
}
