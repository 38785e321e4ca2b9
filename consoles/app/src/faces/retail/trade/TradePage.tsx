// The trade room: which market, and everything about it on one desk.

import { Suspense, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useParams } from "react-router";
import { useOwnEvents } from "@/faces/retail/orders/useOwnEvents";
import { Dialog } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { part } from "@/kit/part";
import { Empty, Loaded } from "@/kit/states";
import { ActivityTabs } from "./ActivityTabs";
import { Book } from "./book/Book";
import { ChartPanel } from "./chart/ChartPanel";
import { useMarkets, type Market } from "./data";
import { useShortcuts } from "./keyboard";
import { MarketHeader } from "./markets/MarketHeader";
import { MarketList } from "./markets/MarketList";
import { VenueStrip } from "./markets/VenueStrip";
import { Tape } from "./Tape";
import { TicketProvider } from "./ticket/context";
import { Ticket } from "./ticket/Ticket";
import "./trade.css";

const ShortcutSheet = part(async () => ({ default: (await import("./ShortcutSheet")).ShortcutSheet }));
const LAST = "rivermouth.market";

export default function TradePage(): ReactNode {
  const { t } = useTranslation("retail");
  const { symbol } = useParams();
  const query = useMarkets();
  useOwnEvents();
  return (
    <Loaded query={query} lines={12} empty={<Empty title={t("trade.markets.none_yet")} />}>
      {(markets) => {
        const market = markets.find((one) => one.symbol === symbol);
        const wanted = symbol ?? localStorage.getItem(LAST);
        const first = markets.find((one) => one.symbol === wanted) ?? markets[0];
        if (market !== undefined) return <Desk key={market.symbol} market={market} />;
        if (symbol === undefined && first !== undefined) return <Navigate to={`/trade/${first.symbol}`} replace />;
        return <Empty title={t("trade.markets.no_such", { symbol })}><a href="/trade">{t("trade.markets.go_first")}</a></Empty>;
      }}
    </Loaded>
  );
}

const wide = matchMedia("(min-width: 100rem)");
const watchWide = (told: () => void): (() => void) => {
  wide.addEventListener("change", told);
  return () => { wide.removeEventListener("change", told); };
};

function Desk({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const isWide = useSyncExternalStore(watchWide, () => wide.matches);
  const search = useRef<HTMLInputElement>(null);
  const [choosing, setChoosing] = useState(false);
  const [sheet, setSheet] = useState(false);
  const choose = (): void => { if (isWide) search.current?.focus(); else setChoosing(true); };
  useShortcuts({ search: choose, sheet: () => { setSheet(true); } });
  useEffect(() => { localStorage.setItem(LAST, market.symbol); }, [market.symbol]);
  return (
    <TicketProvider>
      <div className="retail-desk">
        <MarketHeader market={market} onChoose={isWide ? null : choose} />
        <VenueStrip market={market} />
        {isWide && <aside className="retail-list"><Panel title={t("trade.markets.title")}><MarketList symbol={market.symbol} search={search} /></Panel></aside>}
        <div className="retail-middle-column"><ChartPanel market={market} /><ActivityTabs symbol={market.symbol} /></div>
        <div className="retail-book-column"><Book market={market} /><Tape market={market} /></div>
        <div className="retail-ticket-column">
          <Ticket market={market} />
          <button type="button" className="button quiet retail-keys" aria-keyshortcuts="?" onClick={() => { setSheet(true); }}>{t("trade.keys.title")} <kbd>?</kbd></button>
        </div>
      </div>
      <Suspense fallback={null}>{sheet && <ShortcutSheet isOpen onClose={() => { setSheet(false); }} />}</Suspense>
      <Dialog title={t("trade.markets.title")} isOpen={choosing} onClose={() => { setChoosing(false); }}>
        <MarketList symbol={market.symbol} autoFocus onChosen={() => { setChoosing(false); }} />
      </Dialog>
    </TicketProvider>
  );
}
