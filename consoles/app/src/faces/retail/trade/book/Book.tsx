// What the venues offer, as one book or one venue's. Rows keep their place and are drawn anew only when what they say has changed.

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { useLatest } from "@/feed/hooks";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Loaded, Skeleton } from "@/kit/states";
import { byValue, compare, placesOf, sign, type Decimal } from "@/money/decimal";
import { formatCut, formatExact, formatPrice } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { useRestingOrders, type Market, type Order } from "../data";
import { Flash } from "../Flash";
import { useFormat } from "../format";
import { useTakePrice } from "../ticket/context";
import { Venues, venueName } from "../venues";
import { grouped, spreadOf, stepsOf, type Group } from "./group";

const ROWS = 10;
const MOST_OWN = 5;

export function Book({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const steps = useMemo(() => stepsOf(market.tick), [market.tick]);
  const [place, setPlace] = useState(0);
  const [venue, setVenue] = useState("");
  const step = steps[place] ?? market.tick;
  const own = useRestingOrders(market.symbol);
  return (
    <Panel title={t("trade.book.title")} actions={<Grouping step={step} place={place} last={steps.length - 1} onChange={setPlace} />}>
      <VenueChoice symbol={market.symbol} venue={venue} onChange={setVenue} />
      {venue === "" ? <LiveBook market={market} step={step} own={own} /> : <VenueBook market={market} step={step} own={own} venue={venue} />}
      {own.length > 0 && <Own market={market} own={own} />}
    </Panel>
  );
}

/** One's own orders of this market: at their level a mark, and here all of them, for most lie beyond what is shown. */
function Own({ market, own }: { market: Market; own: readonly Order[] }): ReactNode {
  const { t } = useTranslation("retail");
  const format = useFormat();
  const priced = own.flatMap((order) => {
    const price = order.limit_price ?? order.stop_price;
    return price === null ? [] : [{ id: order.id, side: order.side, quantity: order.quantity, price }];
  });
  return (
    <div className="retail-own-orders">
      <p className="dim">{t("trade.book.own_hint")}</p>
      {priced.sort(byValue((order) => order.price)).reverse().slice(0, MOST_OWN).map((order) => (
        <p key={order.id} className="number"><span className="retail-own" aria-hidden="true">◆</span>
          {t(`trade.side.${order.side}`)} {format.exact(order.quantity)} @ {format.price(order.price, market.tick)}</p>
      ))}
      {priced.length > MOST_OWN && <p className="dim">{t("trade.book.own_more", { count: priced.length - MOST_OWN })}</p>}
    </div>
  );
}

function Grouping({ step, place, last, onChange }: { step: Decimal; place: number; last: number; onChange: (place: number) => void }): ReactNode {
  const { t } = useTranslation("retail");
  const { language } = useSettings().settings;
  return (
    <div className="row retail-group" role="group" aria-label={t("trade.book.grouping")}>
      <Button kind="quiet" aria-label={t("trade.book.finer")} isDisabled={place === 0} onPress={() => { onChange(place - 1); }}>−</Button>
      <span className="number">{formatExact(step, language)}</span>
      <Button kind="quiet" aria-label={t("trade.book.coarser")} isDisabled={place === last} onPress={() => { onChange(place + 1); }}>+</Button>
    </div>
  );
}

const VenueChoice = memo(function VenueChoice({ symbol, venue, onChange }: { symbol: string; venue: string; onChange: (venue: string) => void }): ReactNode {
  const { t } = useTranslation("retail");
  const quotes = useLatest("quotes", symbol);
  const names = quotes?.venues.map((quote) => quote.venue).join(" ") ?? "";
  return useMemo(() => {
    const venues = names.split(" ").filter((name) => name !== "").map((id) => ({ id, text: venueName(id) }));
    return <Select label={t("trade.book.whose")} value={venue || "all"} choices={[{ id: "all", text: t("trade.book.all") }, ...venues]}
      onChange={(id) => { onChange(id === "all" ? "" : id); }} />;
  }, [names, venue, onChange, t]);
});

interface BookProps {
  market: Market;
  step: Decimal;
  own: readonly Order[];
}

function LiveBook({ market, step, own }: BookProps): ReactNode {
  const book = useLatest("book", market.symbol);
  return <Levels book={book} market={market} step={step} own={own} />;
}

function VenueBook({ market, step, own, venue }: BookProps & { venue: string }): ReactNode {
  const query = useQuery({
    queryKey: ["book", market.symbol, venue],
    refetchInterval: 1000,
    queryFn: () => ask(api.GET("/v1/markets/{symbol}/book", { params: { path: { symbol: market.symbol }, query: { venue } } })),
  });
  return <Loaded query={query} lines={12}>{(book) => <Levels book={book} market={market} step={step} own={own} />}</Loaded>;
}

function Levels({ book, market, step, own }: BookProps & { book: Schemas["BookOut"] | null }): ReactNode {
  const { t } = useTranslation("retail");
  if (book === null) return <Skeleton lines={12} />;
  const asks = grouped(book.asks, { step, tick: market.tick, up: true, most: ROWS });
  const bids = grouped(book.bids, { step, tick: market.tick, up: false, most: ROWS });
  return (
    <div className="retail-book" role="group" aria-label={t("trade.book.levels")}>
      <p className="retail-level head dim" aria-hidden="true">
        <span>{t("trade.book.price", { asset: market.quote })}</span><span>{t("trade.book.quantity", { asset: market.base })}</span><span>{t("trade.book.venue")}</span>
      </p>
      <Ladder groups={asks} side="sell" market={market} step={step} own={own} reversed />
      <Middle book={book} market={market} />
      <Ladder groups={bids} side="buy" market={market} step={step} own={own} />
    </div>
  );
}

function Middle({ book, market }: { book: Schemas["BookOut"]; market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const { language } = useSettings().settings;
  const quotes = useLatest("quotes", market.symbol);
  const spread = spreadOf(book);
  return (
    <p className="retail-middle">
      <Flash value={quotes?.composite.price ?? null} tick={market.tick} />
      {spread !== null && (
        <span className="dim number">
          {t(sign(spread) < 0 ? "trade.book.crossed" : "trade.book.spread", { spread: formatPrice(spread.replace("-", ""), market.tick, language) })}
        </span>
      )}
    </p>
  );
}

interface LadderProps extends Omit<BookProps, "own"> {
  groups: readonly Group[];
  side: "buy" | "sell";
  own: readonly Order[];
  reversed?: boolean;
}

function Ladder({ groups, side, market, step, own, reversed = false }: LadderProps): ReactNode {
  const rows = groups.map((group, place) => (
    <Row key={place} {...group} venues={group.venues.join(" ")} side={side} tick={market.tick} lot={market.lot} own={ownAt(group.price, own, side, step)} />
  ));
  return <div className={`retail-ladder ${side}`}>{reversed ? rows.reverse() : rows}</div>;
}

/** How much of one's own rests at this price: it rests with us, not in the shown depth. */
function ownAt(price: Decimal, own: readonly Order[], side: "buy" | "sell", step: Decimal): boolean {
  return own.some((order) => {
    if (order.side !== side || order.limit_price === null) return false;
    const [only] = grouped([{ price: order.limit_price, quantity: "1", venue: "" }], { step, tick: "0", up: side === "sell", most: 1 });
    return only !== undefined && compare(only.price, price) === 0;
  });
}

interface RowProps {
  price: Decimal;
  quantity: Decimal;
  total: Decimal;
  share: Decimal;
  venues: string;
  side: "buy" | "sell";
  tick: Decimal;
  lot: Decimal;
  own: boolean;
}

const Row = memo(function Row({ price, quantity, total, share, venues, side, tick, lot, own }: RowProps): ReactNode {
  const { t } = useTranslation("retail");
  const { language } = useSettings().settings;
  const take = useTakePrice();
  const shown = formatPrice(price, tick, language);
  return (
    <button type="button" className={`retail-level ${side}`} style={{ "--share": share } as React.CSSProperties}
      title={t("trade.book.total", { total: formatExact(total, language) })} onClick={() => { take(price); }}>
      <span className="number retail-level-price">{own && <span className="retail-own" title={t("trade.book.own")}>◆</span>}{shown}</span>
      <span className="number">{formatCut(quantity, placesOf(lot), language)}</span>
      <Venues venues={venues.split(" ")} />
    </button>
  );
});
