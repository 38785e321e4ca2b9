import { useState, type ReactNode } from "react";
import { assetsOf } from "@/faces/retail/markets";
import { useWords, type Words } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { Side } from "./cells";
import type { Fill } from "./model";
import { OrderDialog } from "./OrderDialog";
import { useLatestFills } from "./queries";
import "../retail-more.css";

/** What was really traded, newest first. */
export function Fills({ symbol }: { symbol?: string }): ReactNode {
  const words = useWords();
  const { t } = words;
  const query = useLatestFills();
  const [shown, setShown] = useState<string | null>(null);
  const mine = (query.data ?? []).filter((fill) => symbol === undefined || fill.symbol === symbol);
  return (
    <div className="stack">
      <Loaded query={query} isEmpty={() => mine.length === 0} empty={<Empty title={t("retail_more:fills.none")} />}>
        {() => (
          <>
            <Table name={t("retail_more:fills.title")} rows={mine} rowKey={(fill) => fill.id} file="fills" columns={columnsOf(words, setShown)} />
            <p className="dim">{t("retail_more:fills.older")}</p>
          </>
        )}
      </Loaded>
      {shown !== null && <OrderDialog id={shown} onClose={() => { setShown(null); }} />}
    </div>
  );
}

function columnsOf(words: Words, show: (id: string) => void): Column<Fill>[] {
  const { t } = words;
  return [
    { key: "time", title: t("retail_more:col.time"), cell: (f) => <When at={f.executed_at} />, csv: (f) => f.executed_at },
    { key: "order", title: t("retail_more:col.order"), csv: (f) => f.order_id,
      cell: (f) => <span className="retail-deeds"><Button kind="quiet" onPress={() => { show(f.order_id); }}>{t(`retail_more:type.${f.order_type}`)}</Button></span> },
    { key: "symbol", title: t("retail_more:col.market"), cell: (f) => f.symbol, csv: (f) => f.symbol },
    { key: "side", title: t("retail_more:col.side"), cell: (f) => <Side side={f.side} />, csv: (f) => f.side },
    { key: "price", title: t("retail_more:col.price"), end: true, cell: (f) => words.price(f.price, f.symbol), csv: (f) => f.price },
    { key: "quantity", title: t("retail_more:col.quantity"), end: true, cell: (f) => <Amount value={f.quantity} asset={assetsOf(f.symbol)[0]} />, csv: (f) => f.quantity },
    { key: "cost", title: t("retail_more:col.cost"), end: true, cell: (f) => <Amount value={f.cost} asset={f.fee_asset} />, csv: (f) => f.cost },
    { key: "fee", title: t("retail_more:col.fee"), end: true, cell: (f) => <Amount value={f.fee} asset={f.fee_asset} />, csv: (f) => f.fee },
    { key: "rate", title: t("retail_more:col.rate"), cell: (f) => t(f.maker ? "retail_more:fees.maker" : "retail_more:fees.taker"), csv: (f) => (f.maker ? "maker" : "taker") },
    { key: "venue", title: t("retail_more:col.venue"), cell: (f) => f.venue, csv: (f) => f.venue },
  ];
}
