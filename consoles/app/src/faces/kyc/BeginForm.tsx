import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { ApplicantFields, isComplete, type Applicant } from "./ApplicantFields";

/** The first step to a level: which one, and who one is. */
export function BeginForm({ known }: { known: number }): ReactNode {
  const { t } = useTranslation("kyc");
  const client = useQueryClient();
  const [level, setLevel] = useState(known === 0 ? "1" : "2");
  const [applicant, setApplicant] = useState<Applicant>({ full_name: "", birth_date: "", country: "" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = { level: level === "1" ? 1 : 2, applicant };
    try {
      await once("kyc-begin", body, (header) => ask(api.POST("/v1/kyc/cases", { body, params: { header } })));
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["kyc"] });
  };
  const levels = (known === 0 ? ["1", "2"] : ["2"]).map((id) => ({ id, text: t(`level.${id}`) }));
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p className="dim">{t("begin.means")}</p>
      <div className="kyc-form">
        <Select label={t("case.level")} value={level} onChange={setLevel} choices={levels} />
        <ApplicantFields value={applicant} onChange={setApplicant} />
      </div>
      <p className="dim">{t(`level.needs_${level}`)}</p>
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={!isComplete(applicant)}>{t("begin.verb")}</Button></div>
    </form>
  );
}
