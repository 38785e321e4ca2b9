// A price that stands for two seconds: ask, look, take. Taken too late it is refused and nothing was traded; then one asks again.

import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, idempotencyKey, type Schemas } from "@/api/client";
import { isUnknown } from "@/api/problem";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Failed, Skeleton } from "@/kit/states";
import { Amount, Facts, Price } from "@/kit/values";
import { add, canonical, mul, sub } from "@/money/decimal";
import type { Market } from "../data";
import { venueName } from "../venues";
import { useDraft } from "./context";
import type { Side } from "./draft";
import type { Ticket } from "./useTicket";

/** `open`: it was taken and no answer came; taking it again is the same order, so nothing else is offered. */
type Quote = Schemas["QuoteOut"] & { until: number; key: string; open: boolean };
const LIFE_MS = 2000;

interface Props {
  market: Market;
  ticket: Ticket;
  tell: (orders: readonly Schemas["OrderOut"][]) => void;
  /** Called when something is missing in the ticket. */
  need: () => void;
  /** While an order of this ticket is an open question. */
  blocked: boolean;
}

export function FirmQuote({ market, ticket, tell, need, blocked }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const [open, setOpen] = useState(false);
  const wish = { symbol: market.symbol, side: draft.side, quantity: draft.quantity, venue: draft.venue };
  const quoting = useQuote(wish, (order) => { setOpen(false); tell([order]); });
  const start = (): void => {
    if (ticket.complaints.quantity !== undefined) { need(); return; }
    setOpen(true);
    if (quoting.quote?.open !== true) void quoting.request();
  };
  return (
    <>
      <Button isDisabled={blocked || ticket.obstacle !== null} onPress={start}>{t("trade.quote.ask")}</Button>
      {open && <QuoteDialog market={market} side={draft.side} quoting={quoting} feeRate={ticket.around.feeRate} onClose={() => { setOpen(false); }} />}
    </>
  );
}

interface DialogProps {
  market: Market;
  side: Side;
  quoting: Quoting;
  feeRate: string;
  onClose: () => void;
}

function QuoteDialog({ market, side, quoting, feeRate, onClose }: DialogProps): ReactNode {
  const { t } = useTranslation(["retail", "common"]);
  const { quote, error, busy, request, accept } = quoting;
  const left = useCountdown(quote?.until ?? 0);
  const live = quote !== null && (quote.open || left > 0);
  return (
    <Dialog title={t("trade.quote.title")} isOpen onClose={onClose} busy={busy}>
      {quote === null && error === null && <Skeleton lines={3} />}
      {quote !== null && <QuoteFacts quote={quote} market={market} feeRate={feeRate} />}
      {quote?.open === true && <p className="notice warn">{t("trade.quote.unknown")}</p>}
      {quote?.open === false && (
        <div>
          <div className="progress" role="progressbar" aria-label={t("trade.quote.left")} aria-valuemin={0} aria-valuemax={LIFE_MS} aria-valuenow={left}>
            <div style={{ width: `${Math.round((left / LIFE_MS) * 100)}%` }} />
          </div>
          <p className="dim" aria-live="polite">{live ? t("trade.quote.stands") : t("trade.quote.over")}</p>
        </div>
      )}
      {error !== null && <Failed error={error} />}
      <div className="row">
        {live || busy
          ? <Button key="take" kind="primary" busy={busy} autoFocus onPress={() => void accept()}>{t(`trade.quote.accept_${side}`)}</Button>
          : <Button key="ask" kind="primary" autoFocus onPress={() => void request()}>{t("trade.quote.again")}</Button>}
        <Button onPress={onClose}>{t("common:action.cancel")}</Button>
      </div>
    </Dialog>
  );
}

function QuoteFacts({ quote, market, feeRate }: { quote: Quote; market: Market; feeRate: string }): ReactNode {
  const { t } = useTranslation("retail");
  const cost = mul(quote.price, quote.quantity);
  const fee = mul(cost, feeRate);
  return (
    <Facts rows={[
      [t("trade.review.order"), <b key="o">{t(`trade.side.${quote.side}`)} <Amount value={quote.quantity} asset={market.base} /></b>],
      [t("trade.quote.price"), <b key="p"><Price value={quote.price} tick={market.tick} /> {market.quote}</b>],
      [t("trade.expect.fee"), <><Price value={fee} tick={market.tick} /> {market.quote}</>],
      [t("trade.review.total"), <><Price value={quote.side === "buy" ? add(cost, fee) : sub(cost, fee)} tick={market.tick} /> {market.quote}</>],
      [t("trade.ticket.venue"), venueName(quote.venue)],
    ]} />
  );
}

interface Quoting {
  quote: Quote | null;
  error: unknown;
  busy: boolean;
  request: () => Promise<void>;
  accept: () => Promise<void>;
}

function useQuote(wish: Schemas["QuoteIn"], tell: (order: Schemas["OrderOut"]) => void): Quoting {
  const [quote, setQuote] = useState<Quote | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const request = async (): Promise<void> => {
    setError(null);
    setQuote(null);
    try {
      const made = await ask(api.POST("/v1/quotes", { params: { header: { "Idempotency-Key": idempotencyKey() } }, body: { ...wish, quantity: canonical(wish.quantity) } }));
      setQuote({ ...made, until: performance.now() + LIFE_MS, key: idempotencyKey(), open: false });
    } catch (refused) {
      setError(refused);
    }
  };
  const accept = async (): Promise<void> => {
    if (quote === null) return;
    setBusy(true);
    setError(null);
    try {
      const params = { path: { id: quote.id }, header: { "Idempotency-Key": quote.key } };
      tell(await ask(api.POST("/v1/quotes/{id}/accept", { params })));
    } catch (refused) {
      setError(refused);
      // Without an answer the same acceptance may be repeated: it is one order. A refusal ends the quote.
      setQuote(isUnknown(refused) ? { ...quote, open: true } : null);
    } finally {
      setBusy(false);
    }
  };
  return { quote, error, busy, request, accept };
}

/** Milliseconds that are left, looked at ten times a second. */
function useCountdown(until: number): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const look = (): void => { setLeft(Math.max(0, Math.round(until - performance.now()))); };
    look();
    const timer = setInterval(look, 100);
    return () => { clearInterval(timer); };
  }, [until]);
  return left;
}
