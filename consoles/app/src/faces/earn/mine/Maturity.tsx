// What will happen at the maturity, and another choice until then.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useToasts } from "@/kit/toasts";
import { RenewalChoice } from "../RenewalChoice";
import { chooseRenewal, TOUCHED, useOffer, type Renewal, type Subscription } from "../reads";
import { useWords } from "../words";

export function Maturity({ one, mine }: { one: Subscription; mine: boolean }): ReactNode {
  const { t } = useWords();
  const { data: offer } = useOffer(one.instance_id);
  const choices = offer?.renewals ?? [];
  return (
    <div className="stack">
      {mine && one.renewal_refused === null && choices.length > 1 ? <Choice one={one} offered={choices} /> : <p>{t(`renewal.means.${one.renewal}`)}</p>}
      {one.renewal_refused !== null && <Refused code={one.renewal_refused} />}
      {one.renewed_from !== null && <p><Link to={`/earn/${one.renewed_from}`}>{t("renewal.from")}</Link></p>}
      {one.renewed_into !== null && <p><Link to={`/earn/${one.renewed_into}`}>{t("renewal.into")}</Link></p>}
    </div>
  );
}

function Choice({ one, offered }: { one: Subscription; offered: readonly Renewal[] }): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const { tell, refused } = useToasts();
  const [wanted, setWanted] = useState<Renewal | null>(null);
  const choose = async (renewal: Renewal): Promise<void> => {
    setWanted(renewal);
    try {
      await chooseRenewal(one.id, renewal);
      tell(t("renewal.done", { name: t(`renewal.name.${renewal}`) }), "good");
    } catch (error) {
      refused(error);
    } finally {
      await Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
      setWanted(null);
    }
  };
  return <RenewalChoice offered={offered} chosen={wanted ?? one.renewal} isDisabled={wanted !== null} onChoose={(renewal) => void choose(renewal)} />;
}

/** Why it is paid out although one wanted otherwise. */
function Refused({ code }: { code: string }): ReactNode {
  const { t } = useWords();
  const { i18n } = useTranslation("earn");
  return <p className="notice warn">{t("renewal.refused")} {t(i18n.exists(`earn:renewal.why.${code}`) ? `renewal.why.${code}` : "renewal.why.other", { code })}</p>;
}
