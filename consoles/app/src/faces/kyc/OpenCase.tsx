import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Failed } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Facts, When } from "@/kit/values";
import { ApplicantFields, isComplete } from "./ApplicantFields";
import { Upload } from "./Upload";
import { CasePill, Missing } from "./words";

type Case = Schemas["CaseOut"];
type Document = Schemas["DocumentOut"];

/** A case that is not decided: what is there, what is missing, and handing it in. */
export function OpenCase({ one }: { one: Case }): ReactNode {
  const { t } = useTranslation("kyc");
  const editable = one.state === "draft" || one.state === "more_information";
  return (
    <Panel title={t("case.title", { level: t(`level.${String(one.level)}`) })} actions={<CasePill state={one.state} />}>
      <div className="stack">
        {one.state === "more_information" && <p className="notice warn">{t("case.asked_for")} {one.reason}</p>}
        {editable ? <Correct key={one.version} one={one} /> : <Said one={one} />}
        {one.documents.length > 0 && <Documents documents={one.documents} />}
        {editable && <Upload caseId={one.id} />}
        {editable && (one.missing.length > 0 ? <div><p>{t("case.missing")}</p><Missing missing={one.missing} /></div> : <HandIn one={one} />)}
        {!editable && <p className="notice">{t("case.waits")}</p>}
      </div>
    </Panel>
  );
}

function Said({ one }: { one: Case }): ReactNode {
  const { t } = useTranslation("kyc");
  const { full_name, birth_date, country } = one.applicant;
  return <Facts rows={[[t("applicant.full_name"), full_name], [t("applicant.birth_date"), birth_date], [t("applicant.country_name"), country], [t("case.submitted_at"), <When key="at" at={one.submitted_at} />]]} />;
}

function Correct({ one }: { one: Case }): ReactNode {
  const { t } = useTranslation("kyc");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [applicant, setApplicant] = useState(one.applicant);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const same = JSON.stringify(applicant) === JSON.stringify(one.applicant);
  const save = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await ask(api.PUT("/v1/kyc/cases/{id}/applicant", { body: applicant, params: { path: { id: one.id } } }));
      tell(t("case.saved"), "good");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["kyc"] });
  };
  return (
    <div className="stack">
      <div className="kyc-form">
        <ApplicantFields value={applicant} onChange={setApplicant} />
        <Button busy={busy} isDisabled={same || !isComplete(applicant)} onPress={() => void save()}>{t("case.save")}</Button>
      </div>
      {error !== null && <Failed error={error} />}
    </div>
  );
}

function Documents({ documents }: { documents: readonly Document[] }): ReactNode {
  const { t } = useTranslation("kyc");
  const columns: Column<Document>[] = [
    { key: "kind", title: t("document.kind"), cell: (d) => t(`document.${d.kind}`) },
    { key: "pages", title: t("document.pages"), end: true, cell: (d) => d.pages },
    { key: "at", title: t("document.sent_at"), cell: (d) => <When at={d.created_at} /> },
  ];
  return <Table name={t("document.list")} rows={documents} rowKey={(d) => d.id} columns={columns} />;
}

function HandIn({ one }: { one: Case }): ReactNode {
  const { t } = useTranslation("kyc");
  const client = useQueryClient();
  const { refused, tell } = useToasts();
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    try {
      const params = { path: { id: one.id } };
      await once("kyc-submit", { id: one.id, version: one.version }, (header) => ask(api.POST("/v1/kyc/cases/{id}/submit", { params: { ...params, header } })));
      tell(t("case.handed_in"), "good");
    } catch (error) {
      refused(error);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["kyc"] });
  };
  return <div><Button kind="primary" busy={busy} onPress={() => void submit()}>{t("case.hand_in")}</Button></div>;
}
