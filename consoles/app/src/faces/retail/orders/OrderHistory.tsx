import { useState, type ReactNode } from "react";
import { api, ask } from "@/api/client";
import { useMarketList } from "@/faces/retail/markets";
import { Paged, usePages } from "@/faces/retail/pages";
import { useWords, type Words } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { Filled, priceText, Side, Status, typeText, venueText } from "./cells";
import { ENDED, OPEN, type Order } from "./model";
import { OrderDialog } from "./OrderDialog";
import { reasonText } from "./reasons";
import "../retail-more.css";

const STATES = [...ENDED, ...OPEN];
const ALL = "all";
type State = (typeof STATES)[number];

interface Filters {
  status: string;
  symbol: string;
  side: string;
}

/** Every order that ever was, newest first. The server filters by state; market and side narrow what is loaded. */
export function OrderHistory({ symbol }: { symbol?: string }): ReactNode {
  const words = useWords();
  const { t } = words;
  const [filters, setFilters] = useState<Filters>({ status: ALL, symbol: ALL, side: ALL });
  const [shown, setShown] = useState<string | null>(null);
  const status = STATES.find((state) => state === filters.status) ?? null;
  const query = usePages<Order>(["orders", "history", status], (cursor) => read(status, cursor));
  const market = symbol ?? (filters.symbol === ALL ? null : filters.symbol);
  const fits = (order: Order): boolean =>
    (market === null || order.symbol === market) && (filters.side === ALL || order.side === filters.side);
  return (
    <div className="stack">
      <FilterRow filters={filters} onChange={setFilters} withMarket={symbol === undefined} />
      <Paged query={query} empty={<Empty title={t("retail_more:orders.none")} />}>
        {(orders) => {
          const rows = orders.filter(fits);
          return rows.length === 0
            ? <Empty title={t("retail_more:orders.none_fit")}><p className="dim">{t("retail_more:orders.none_fit_next")}</p></Empty>
            : <Table name={t("retail_more:orders.history")} rows={rows} rowKey={(o) => o.id} file="orders" columns={columnsOf(words, setShown)} />;
        }}
      </Paged>
      {shown !== null && <OrderDialog id={shown} onClose={() => { setShown(null); }} />}
    </div>
  );
}

const read = (status: State | null, cursor: string | null): Promise<{ items: Order[]; next_cursor?: string | null }> =>
  ask(api.GET("/v1/orders", { params: { query: { limit: 50, ...(status === null ? {} : { status }), ...(cursor === null ? {} : { cursor }) } } }));

interface RowProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
  withMarket: boolean;
}

function FilterRow({ filters, onChange, withMarket }: RowProps): ReactNode {
  const { t } = useWords();
  const { data: markets } = useMarketList();
  const all = { id: ALL, text: t("retail_more:orders.all") };
  return (
    <div className="retail-filters">
      <Select label={t("retail_more:col.status")} value={filters.status} onChange={(status) => { onChange({ ...filters, status }); }}
        choices={[all, ...STATES.map((id) => ({ id, text: t(`retail_more:status.${id}`) }))]} />
      {withMarket && (
        <Select label={t("retail_more:col.market")} value={filters.symbol} onChange={(symbol) => { onChange({ ...filters, symbol }); }}
          choices={[all, ...(markets ?? []).map((market) => ({ id: market.symbol, text: market.symbol }))]} />
      )}
      <Select label={t("retail_more:col.side")} value={filters.side} onChange={(side) => { onChange({ ...filters, side }); }}
        choices={[all, { id: "buy", text: t("retail_more:side.buy") }, { id: "sell", text: t("retail_more:side.sell") }]} />
    </div>
  );
}

function columnsOf(words: Words, show: (id: string) => void): Column<Order>[] {
  const { t } = words;
  return [
    { key: "time", title: t("retail_more:col.time"), cell: (o) => <When at={o.created_at} />, csv: (o) => o.created_at },
    { key: "id", title: t("retail_more:col.order"), cell: (o) => (
      <span className="retail-deeds"><Button kind="quiet" onPress={() => { show(o.id); }}>{t("retail_more:orders.details")}</Button></span>
    ), csv: (o) => o.id },
    { key: "symbol", title: t("retail_more:col.market"), cell: (o) => o.symbol, csv: (o) => o.symbol },
    { key: "side", title: t("retail_more:col.side"), cell: (o) => <Side side={o.side} />, csv: (o) => o.side },
    { key: "status", title: t("retail_more:col.status"), cell: (o) => <Status order={o} />, csv: (o) => o.status },
    { key: "type", title: t("retail_more:col.type"), cell: (o) => typeText(words, o), csv: (o) => o.type },
    { key: "price", title: t("retail_more:col.price"), end: true, cell: (o) => priceText(words, o), csv: (o) => o.limit_price ?? o.stop_price },
    { key: "quantity", title: t("retail_more:col.quantity"), end: true, cell: (o) => <Amount value={o.quantity} />, csv: (o) => o.quantity },
    { key: "filled", title: t("retail_more:col.filled"), cell: (o) => <Filled order={o} />, csv: (o) => o.filled_quantity },
    { key: "average", title: t("retail_more:col.average"), end: true, csv: (o) => o.average_price,
      cell: (o) => (o.average_price === null ? <Amount value={null} /> : <span className="number">{words.tick(o.average_price, o.symbol)}</span>) },
    { key: "fee", title: t("retail_more:col.fee"), end: true, cell: (o) => <Amount value={o.fee} asset={o.fee_asset} />, csv: (o) => o.fee },
    { key: "venue", title: t("retail_more:col.venue"), cell: (o) => venueText(words, o.venue), csv: (o) => o.venue },
    { key: "reason", title: t("retail_more:col.reason"), wrap: true, cell: (o) => (o.reason === null ? "" : reasonText(words, o.reason)), csv: (o) => o.reason },
  ];
}
