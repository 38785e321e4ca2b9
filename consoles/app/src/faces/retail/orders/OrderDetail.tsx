import type { ReactNode } from "react";
import { useWords } from "@/faces/retail/words";
import { Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Facts, Id, When } from "@/kit/values";
import { ExecutionReport } from "./ExecutionReport";
import { FillNow } from "./FillNow";
import { Filled, hasUnknown, Side, Status, typeText } from "./cells";
import type { Order } from "./model";
import { useOrder } from "./queries";
import { asked, happened, money } from "./story";
import "../retail-more.css";

/** Everything about one order, for somebody who wants to understand what became of it. */
export function OrderDetail({ id }: { id: string }): ReactNode {
  const query = useOrder(id);
  return <Loaded query={query} lines={10}>{(order) => <Told order={order} />}</Loaded>;
}

function Told({ order }: { order: Order }): ReactNode {
  const words = useWords("order_story");
  const { t } = words;
  const cost = money(words, order);
  return (
    <div className="stack">
      <div className="row"><strong>{order.symbol}</strong><Side side={order.side} /><span>{typeText(words, order)}</span><Status order={order} /><Filled order={order} /></div>
      <Chapter title={t("retail_more:detail.asked")} sentences={asked(words, order)} />
      <Chapter title={t("retail_more:detail.happened")} sentences={happened(words, order)} />
      {cost !== null && <Chapter title={t("retail_more:detail.money")} sentences={[cost]} />}
      {hasUnknown(order) && <div className="notice warn"><p>{t("retail_more:detail.unknown")}</p></div>}
      <FillNow order={order} />
      {order.fills.length > 0 && <OwnFills order={order} />}
      <section className="stack">
        <h2>{t("order_story:report.title")}</h2>
        <ExecutionReport id={order.id} symbol={order.symbol} />
      </section>
      <details className="retail-fold">
        <summary>{t("retail_more:detail.numbers")}</summary>
        <Facts rows={[
          [t("retail_more:detail.id"), <code key="id">{order.id}</code>],
          [t("retail_more:detail.client_id"), <code key="client">{order.client_order_id}</code>],
          ...(order.pair_id === null ? [] : [[t("retail_more:detail.pair_id"), <code key="pair">{order.pair_id}</code>] as const]),
          ...(order.replaces === null ? [] : [[t("retail_more:detail.replaces"), <a key="replaces" href={`/orders/${order.replaces}`}><Id value={order.replaces} /></a>] as const]),
          [t("retail_more:detail.updated"), <When key="updated" at={order.updated_at} />],
        ]} />
      </details>
    </div>
  );
}

function Chapter({ title, sentences }: { title: string; sentences: readonly string[] }): ReactNode {
  return (
    <section>
      <h2>{title}</h2>
      <ul className="retail-story">{sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
    </section>
  );
}

function OwnFills({ order }: { order: Order }): ReactNode {
  const { t, price } = useWords("order_story");
  const [base = ""] = order.symbol.split("-");
  return (
    <section className="stack">
      <h2>{t("retail_more:fills.title")}</h2>
      <Table name={t("retail_more:fills.title")} rows={order.fills} rowKey={(f) => `${f.venue}:${f.trade_id}`} file={`fills-${order.id}`} columns={[
        { key: "time", title: t("retail_more:col.time"), cell: (f) => <When at={f.executed_at} />, csv: (f) => f.executed_at },
        { key: "venue", title: t("retail_more:col.venue"), cell: (f) => f.venue, csv: (f) => f.venue },
        { key: "price", title: t("retail_more:col.price"), end: true, cell: (f) => price(f.price, order.symbol), csv: (f) => f.price },
        { key: "quantity", title: t("retail_more:col.quantity"), end: true, cell: (f) => <Amount value={f.quantity} asset={base} />, csv: (f) => f.quantity },
        { key: "cost", title: t("retail_more:col.cost"), end: true, cell: (f) => <Amount value={f.cost} asset={f.fee_asset} />, csv: (f) => f.cost },
        { key: "fee", title: t("retail_more:col.fee"), end: true, cell: (f) => <Amount value={f.fee} asset={f.fee_asset} />, csv: (f) => f.fee },
        { key: "trade", title: t("retail_more:col.trade"), cell: (f) => <code>{f.trade_id}</code>, csv: (f) => f.trade_id },
      ]} />
    </section>
  );
}
