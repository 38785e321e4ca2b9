// The products on offer, each with the sale that is open or comes next.

import { useId, type ReactNode } from "react";
import { Link } from "react-router";
import { useNow } from "@/kit/age";
import { Empty } from "@/kit/states";
import { Facts, Pill } from "@/kit/values";
import { usePhase } from "../clock";
import { byProduct } from "../model";
import type { Offer } from "../reads";
import { PHASE_TONES, useWords } from "../words";
import { Closing } from "./Closing";
import { Quota } from "./Quota";
import { Rate } from "./Rate";

export function Cards({ offers }: { offers: readonly Offer[] }): ReactNode {
  const { t } = useWords();
  const now = useNow();
  const found = byProduct(offers, ({ ahead }) => now + ahead);
  if (found.length === 0) return <Empty title={t("offers.none")} />;
  return (
    <div className="stack">
      <div className="earn-cards">{found.map(({ offer, next }) => <Card key={offer.template} offer={offer} next={next} />)}</div>
      <p className="dim earn-note">{t("rate.means")}</p>
    </div>
  );
}

function Card({ offer, next }: { offer: Offer; next: Offer | undefined }): ReactNode {
  const { t, amount, tenor, early } = useWords();
  const phase = usePhase(offer);
  const id = useId();
  return (
    <article className="earn-card" aria-labelledby={id}>
      <header>
        <h3 id={id}>{offer.name}</h3>
        <span className="earn-asset">{offer.asset}</span>
        <Pill tone={PHASE_TONES[phase] ?? "plain"}>{t(`phase.${phase}`)}</Pill>
      </header>
      <Rate offer={offer} />
      <Facts rows={[
        [t("term.tenor"), tenor(offer.tenor)],
        [t("term.payout"), t(`payout.${offer.payout_period}`)],
        [t("term.runs"), <span key="runs" className="number">{offer.value_date} – {offer.maturity}</span>],
        [t("term.minimum"), t("term.minimum_of", { least: amount(offer.minimum, offer.asset), step: amount(offer.step, offer.asset) })],
      ]} />
      <Quota offer={offer} />
      <Closing offer={offer} next={next} />
      <p className="dim">{early(offer)}</p>
      <Link className={phase === "on_sale" ? "button primary" : "button"} to={`/earn/offers/${offer.id}`} aria-label={t(phase === "on_sale" ? "offers.subscribe_to" : "offers.look_at", { name: offer.name })}>
        {t(phase === "on_sale" ? "offers.subscribe" : "offers.look")}
      </Link>
    </article>
  );
}
