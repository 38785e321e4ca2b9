import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Market } from "../data";
import { venueName } from "../venues";
import { useDraft } from "./context";
import type { Obstacle } from "./obstacle";

interface Props {
  market: Market;
  obstacle: Obstacle | null;
  busy: boolean;
  /** An earlier order is not known yet: first that. */
  blocked: boolean;
  submit: () => void;
}

/** The button; while it may not be pressed the reason stands below it. */
export function Submit({ market, obstacle, busy, blocked, submit }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const values = { ...obstacle?.values, venue: venueName(obstacle?.values?.venue ?? "") };
  return (
    <>
      <button type="button" className={`button retail-submit ${draft.side}`} disabled={obstacle !== null || busy || blocked} aria-busy={busy}
        aria-keyshortcuts="Control+Enter" aria-describedby="ticket-obstacle" onClick={submit}>
        {busy ? t("trade.ticket.sending") : <>{t(`trade.submit.${draft.side}`, { base: market.base, kind: t(`trade.kind.${draft.kind}`) })} <kbd aria-hidden="true">Ctrl+Enter</kbd></>}
      </button>
      <p id="ticket-obstacle" role="status" className={obstacle === null ? "visually-hidden" : "retail-warn"}>
        {obstacle !== null && <>! {t(`trade.obstacle.${obstacle.key}`, values)}</>}
      </p>
    </>
  );
}
