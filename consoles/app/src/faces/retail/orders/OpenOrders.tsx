import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Suspense, useState, type ReactNode } from "react";
import { api, ask } from "@/api/client";
import { useWords, type Words } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { part } from "@/kit/part";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Amount, When } from "@/kit/values";
import { CancelAll } from "./CancelAll";
import { Filled, priceText, Side, Status, typeText, venueText } from "./cells";
import { arranged, type Order } from "./model";
import { OrderDialog } from "./OrderDialog";
import { refreshOrders, useOpenOrders } from "./queries";
import "../retail-more.css";

const AmendDialog = part(async () => ({ default: (await import("./AmendDialog")).AmendDialog }));

/** Everything that is still to be done, of one market or of all. */
export function OpenOrders({ symbol }: { symbol?: string }): ReactNode {
  const words = useWords();
  const { t } = words;
  const query = useOpenOrders();
  const [shown, setShown] = useState<string | null>(null);
  const [amended, setAmended] = useState<Order | null>(null);
  const mine = arranged((query.data ?? []).filter((order) => symbol === undefined || order.symbol === symbol));
  return (
    <div className="stack">
      <Loaded query={query} isEmpty={() => mine.length === 0}
        empty={<Empty title={t("retail_more:orders.none_open")}><p className="dim">{t("retail_more:orders.none_open_next")}</p></Empty>}>
        {() => (
          <div className="stack deeds-last">
            <Table name={t("retail_more:orders.open")} rows={mine} rowKey={(order) => order.id} file="open-orders"
              columns={columnsOf(words, mine, { show: setShown, amend: setAmended })} />
            <div className="row"><CancelAll symbol={symbol} count={mine.length} /></div>
          </div>
        )}
      </Loaded>
      {shown !== null && <OrderDialog id={shown} onClose={() => { setShown(null); }} />}
      <Suspense fallback={null}>{amended !== null && <AmendDialog order={amended} onClose={() => { setAmended(null); }} />}</Suspense>
    </div>
  );
}

interface Deeds {
  show: (id: string) => void;
  amend: (order: Order) => void;
}

function columnsOf(words: Words, rows: readonly Order[], { show, amend }: Deeds): Column<Order>[] {
  const { t } = words;
  return [
    { key: "symbol", title: t("retail_more:col.market"), cell: (o) => o.symbol, csv: (o) => o.symbol },
    { key: "side", title: t("retail_more:col.side"), cell: (o) => <Side side={o.side} />, csv: (o) => o.side },
    { key: "price", title: t("retail_more:col.price"), cell: (o) => <span className="number">{priceText(words, o)}</span>, csv: (o) => o.limit_price ?? o.stop_price ?? o.trail?.stop_price },
    { key: "quantity", title: t("retail_more:col.quantity"), end: true, cell: (o) => <Amount value={o.quantity} />, csv: (o) => o.quantity },
    { key: "filled", title: t("retail_more:col.filled"), cell: (o) => <Filled order={o} />, csv: (o) => o.filled_quantity },
    { key: "type", title: t("retail_more:col.type"), csv: (o) => o.type, cell: (o) => (
      <>{typeText(words, o)}{o.pair_id !== null && <span className="retail-pair" title={t("retail_more:orders.pair_hint")}> ⇄ {pairText(words, o, rows)}</span>}</>
    ) },
    { key: "venue", title: t("retail_more:col.venue"), cell: (o) => venueText(words, o.venue), csv: (o) => o.venue },
    { key: "status", title: t("retail_more:col.status"), cell: (o) => <Status order={o} />, csv: (o) => o.status },
    { key: "time", title: t("retail_more:col.time"), cell: (o) => <When at={o.created_at} />, csv: (o) => o.created_at },
    { key: "deeds", title: t("retail_more:col.actions"), cell: (o) => (
      <span className="retail-deeds">
        <Button kind="quiet" onPress={() => { show(o.id); }}>{t("retail_more:orders.details")}</Button>
        {o.status === "resting" && o.pair_id === null && o.algo === null && (
          <Button kind="quiet" onPress={() => { amend(o); }} aria-label={t("retail_more:orders.amend_one", nameOf(words, o))}>✎</Button>
        )}
        <Cancel order={o} />
      </span>
    ) },
  ];
}

function pairText({ t }: Words, order: Order, rows: readonly Order[]): string {
  const legs = rows.filter((other) => other.pair_id === order.pair_id);
  return t("retail_more:orders.pair", { leg: legs.indexOf(order) + 1, legs: legs.length });
}

/** Which order a button belongs to, for those who hear it. */
const nameOf = ({ t }: Words, order: Order): Record<string, string> => ({ side: t(`retail_more:side.${order.side}`), quantity: order.quantity, symbol: order.symbol });

function Cancel({ order }: { order: Order }): ReactNode {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const { refused } = useToasts();
  const cancel = useMutation({
    mutationFn: () => ask(api.DELETE("/v1/orders/{order_id}", { params: { path: { order_id: order.id } } })),
    onError: refused,
    onSettled: () => refreshOrders(client), // without an answer, too: what became of it is looked up
  });
  return (
    <Button kind="quiet" busy={cancel.isPending} isDisabled={order.cancel_requested} onPress={() => { cancel.mutate(); }}
      aria-label={t("retail_more:orders.cancel_one", nameOf(words, order))}>✕</Button>
  );
}
