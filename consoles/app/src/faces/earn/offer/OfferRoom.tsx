// One day's sale at an address of its own: what it promises, and the way to it in three steps.

import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Pill } from "@/kit/values";
import { usePhase } from "../clock";
import { useOffer, type Offer } from "../reads";
import { PHASE_TONES, useWords } from "../words";
import { Closing } from "./Closing";
import { Quota } from "./Quota";
import { Rate } from "./Rate";
import { Subscribe } from "./Subscribe";
import { Terms } from "./Terms";
import "../earn.css";

export default function OfferRoom(): ReactNode {
  const { t } = useWords();
  const { id = "" } = useParams();
  return (
    <div className="stack">
      <p><Link to="/earn">← {t("offers.back")}</Link></p>
      <Loaded query={useOffer(id)} lines={12}>{(offer) => <Whole key={offer.id} offer={offer} />}</Loaded>
    </div>
  );
}

function Whole({ offer }: { offer: Offer }): ReactNode {
  const { t } = useWords();
  const phase = usePhase(offer);
  return (
    <>
      <header className="earn-title">
        <div className="row"><h1>{offer.name}</h1><span className="earn-asset">{offer.asset}</span><Pill tone={PHASE_TONES[phase] ?? "plain"}>{t(`phase.${phase}`)}</Pill></div>
        <Closing offer={offer} />
      </header>
      <div className="earn-split">
        <Panel title={t("subscribe.title")}><Subscribe offer={offer} phase={phase} /></Panel>
        <Panel title={t("term.title")}>
          <div className="stack">
            <Rate offer={offer} />
            <p className="dim">{t("rate.means")}</p>
            <Quota offer={offer} />
            <Terms offer={offer} />
          </div>
        </Panel>
      </div>
    </>
  );
}
