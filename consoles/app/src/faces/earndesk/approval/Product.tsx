// What a second person decides about a product: its terms in words, what they change, and the plan of one subscription.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/session/session";
import { PlanOf } from "../templates/PlanOf";
import { namesOf, useTemplates } from "../reads";
import { before, differences, type Promised } from "../terms";
import { Differences, TermsSheet } from "../termWords";
import "../earndesk.css";

export interface Told {
  kind: string;
  id: string;
  summary: unknown;
  /** It still waits: the product's draft may be what is asked about. */
  open: boolean;
  /** Where there is no room for the plan. */
  brief: boolean;
}

export default function Product({ id, summary, open, brief }: Told): ReactNode {
  const { may } = useSession();
  const asked = summary as Promised;
  if (!may("earn:read")) return <div className="earndesk"><TermsSheet promise={asked} /></div>;
  return <div className="stack earndesk"><Beside id={id} asked={asked} open={open} brief={brief} /></div>;
}

function Beside({ id, asked, open, brief }: { id: string; asked: Promised; open: boolean; brief: boolean }): ReactNode {
  const { t } = useTranslation("earndesk_terms");
  const { data: all = [] } = useTemplates();
  const versions = all.filter((one) => one.id === id);
  const draft = versions.find((one) => one.status === "draft");
  const current = open && draft !== undefined && differences(draft, asked).length === 0; // what was typed anew since is not what is asked
  const than = draft === undefined ? undefined : before(draft.version, versions);
  const title = t("diff.title", { n: than?.version });
  return (
    <>
      {current && than !== undefined && (
        <section>
          <h3>{title}</h3>
          <Differences name={title} of={asked} than={than} names={namesOf(all)} titles={[t("diff.version", { n: than.version }), t("diff.asked")]} />
        </section>
      )}
      <TermsSheet promise={asked} names={namesOf(all)} />
      {current && !brief && <section className="stack"><h3>{t("diff.plan")}</h3><PlanOf template={draft} saved={JSON.stringify(asked)} /></section>}
    </>
  );
}
