// The ticket: side, kind, amounts, what it would cost, and the button. It checks, asks back where an order is risky, and says what became of it.

import { Suspense, useCallback, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { idempotencyKey } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { part } from "@/kit/part";
import { useSettings } from "@/settings/settings";
import type { Market } from "../data";
import { useShortcuts } from "../keyboard";
import { Segmented } from "../Segmented";
import { Amounts } from "./Amounts";
import { requestOf, type Request } from "./body";
import { useChange, useDraft } from "./context";
import { emptied, KINDS, timesOf, type Kind } from "./draft";
import { Expectation } from "./Expectation";
import { FirmQuote } from "./FirmQuote";
import { Options } from "./Options";
import { Prices } from "./Prices";
import { Submit } from "./Submit";
import { Unknown } from "./Unknown";
import { useSending } from "./useSending";
import { useTicket } from "./useTicket";

const PriceChanged = part(async () => ({ default: (await import("./PriceChanged")).PriceChanged }));
const Review = part(async () => ({ default: (await import("./Review")).Review })); // most orders need none

const SHORT: Partial<Record<Kind, string>> = { market: "M", limit: "L" };

export function Ticket({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const change = useChange();
  const { settings } = useSettings();
  const ticket = useTicket(market, draft);
  const amounts = useRef<HTMLDivElement>(null);
  const [tried, setTried] = useState(false);
  const [review, setReview] = useState<Request | null>(null);
  const done = useCallback(() => { setTried(false); setReview(null); change(emptied); }, [change]);
  const sending = useSending(market, done);
  const focusAmount = (): void => { amounts.current?.querySelector("input")?.focus(); };

  const submit = (): void => {
    setTried(true);
    if (sending.phase.at !== "idle" || ticket.obstacle !== null) return;
    if (Object.keys(ticket.complaints).length > 0) {
      requestAnimationFrame(() => {
        const wrong = document.querySelector<HTMLInputElement>(".retail-ticket input[data-invalid]");
        const folded = wrong?.closest("details");
        if (folded) folded.open = true; // what is complained about must be seen
        wrong?.focus();
      });
      return;
    }
    const request = requestOf(draft, { symbol: market.symbol, zone: settings.zone, id: idempotencyKey(), expected: ticket.best });
    if (settings.confirmOrders || ticket.risks.length > 0) setReview(request);
    else void sending.send(request);
  };
  const pick = (kind: Kind): void => { change(fits(kind)); focusAmount(); };
  useShortcuts({
    submit, buy: () => { change({ side: "buy" }); }, sell: () => { change({ side: "sell" }); },
    market: () => { pick("market"); }, limit: () => { pick("limit"); }, quantity: focusAmount,
  });

  return (
    <Panel title={t("trade.ticket.title")} actions={<Link to={`/alerts?symbol=${market.symbol}`}>{t("trade.ticket.alert")}</Link>}>
      <div className="retail-ticket stack">
        <Segmented label={t("trade.ticket.side")} value={draft.side} onChange={(side) => { change({ side }); }} choices={[
          { id: "buy", text: t("trade.side.buy"), shortcut: "B", tone: "buy" }, { id: "sell", text: t("trade.side.sell"), shortcut: "S", tone: "sell" },
        ]} />
        <Segmented label={t("trade.ticket.kind")} value={draft.kind} small onChange={(kind) => { change(fits(kind)); }}
          choices={KINDS.map((id) => ({ id, text: t(`trade.kind.${id}`), ...(SHORT[id] === undefined ? {} : { shortcut: SHORT[id] }) }))} />
        <p className="dim retail-hint">{t(`trade.about.${draft.kind}`)}</p>
        <Prices market={market} ticket={ticket} tried={tried} />
        <div ref={amounts}><Amounts market={market} ticket={ticket} tried={tried} /></div>
        <Options market={market} ticket={ticket} tried={tried} />
        <Expectation market={market} ticket={ticket} />
        {sending.phase.at === "unknown" && <Unknown phase={sending.phase} lookUp={sending.lookUp} again={sending.again} forget={sending.forget} />}
        <Submit market={market} obstacle={ticket.obstacle} busy={sending.phase.at === "sending"} blocked={sending.phase.at === "unknown"} submit={submit} />
        {draft.kind === "market" && draft.by === "base" && !draft.twap && <FirmQuote market={market} ticket={ticket} tell={sending.tell} blocked={sending.phase.at === "unknown"} need={() => { setTried(true); }} />}
      </div>
      <Suspense fallback={null}>
        {review !== null && sending.phase.at !== "price_changed" && (
          <Review request={review} market={market} ticket={ticket} onClose={() => { setReview(null); }}
            send={async () => { setReview(null); await sending.send(review); }} />
        )}
        {sending.phase.at === "price_changed" && <PriceChanged phase={sending.phase} market={market} send={sending.send} onClose={sending.forget} />}
      </Suspense>
    </Panel>
  );
}

/** A newly chosen kind starts with its own time in force. */
function fits(kind: Kind): { kind: Kind; time: ReturnType<typeof timesOf>[number]; twap: boolean } {
  return { kind, time: timesOf({ kind, twap: false })[0] ?? "gtc", twap: false };
}
