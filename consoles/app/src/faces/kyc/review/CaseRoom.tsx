import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Facts, Id, Pill, When } from "@/kit/values";
import { CasePill, Missing } from "../words";
import { Decision } from "./Decision";
import { Documents } from "./Documents";
import { Hits, Say } from "./Screenings";
import "../kyc.css";

type Review = Schemas["ReviewOut"];

/** All of one case, and the decision. */
export default function CaseRoom(): ReactNode {
  const { t } = useTranslation("kyc");
  const { id = "" } = useParams();
  const query = useQuery({ queryKey: ["kyc", "case", id], queryFn: () => ask(api.GET("/v1/kyc/cases/{id}", { params: { path: { id } } })) });
  return (
    <div className="stack kyc">
      <p><Link to="/kyc">{t("room.queue")}</Link></p>
      <h1>{t("room.case")}</h1>
      <Loaded query={query} lines={12}>{(one) => <Seen one={one} />}</Loaded>
    </div>
  );
}

function Seen({ one }: { one: Review }): ReactNode {
  const { t } = useTranslation("kyc");
  const findings = one.findings ?? [];
  return (
    <>
      <Panel title={one.email} actions={<CasePill state={one.state} />}>
        <Facts rows={[
          [t("case.customer"), <Id key="id" value={one.customer_id} />],
          [t("case.level"), t(`level.${String(one.level)}`)],
          [t("case.level_now"), one.standing_level === null ? "–" : t(`level.${String(one.standing_level)}`)],
          [t("applicant.full_name"), one.applicant.full_name],
          [t("applicant.birth_date"), one.applicant.birth_date],
          [t("applicant.country_name"), one.applicant.country],
          [t("case.submitted_at"), <When key="at" at={one.submitted_at} />],
          [t("case.findings"), findings.length === 0 ? t("case.no_findings") : findings.map((found) => <Pill key={found} tone="warn">{t(`finding.${found}`, { defaultValue: found })}</Pill>)],
          ...(one.decided_at === null ? [] : [[t("case.decided_at"), <When key="decided" at={one.decided_at} />] as const, [t("case.reason"), one.reason] as const]),
        ]} />
      </Panel>
      <Panel title={t("document.list")}>
        <Documents documents={one.documents} />
        {one.missing.length > 0 && <><p>{t("case.missing")}</p><Missing missing={one.missing} /></>}
      </Panel>
      <Panel title={t("hit.title")}>
        {one.screening === null ? <p>{t("hit.no_list")}</p> : <Compared one={one.screening} />}
      </Panel>
      <Decision one={one} />
    </>
  );
}

function Compared({ one }: { one: NonNullable<Review["screening"]> }): ReactNode {
  const { t } = useTranslation("kyc");
  return (
    <div className="stack">
      <p><Pill tone={one.state === "clear" || one.state === "cleared" ? "good" : one.state === "review" ? "warn" : "bad"}>{t(`screening.${one.state}`)}</Pill>{" "}
        {t("hit.with", { lists: one.lists.map((list) => `${list.name} ${list.version}`).join(", ") })}</p>
      {one.hits.length > 0 && <Hits of={one} />}
      <Say of={one} />
    </div>
  );
}
