import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { TextField } from "@/kit/fields";

export type Applicant = Schemas["ApplicantIn"];

export const isComplete = (one: Applicant): boolean => one.full_name.trim() !== "" && /^\d{4}-\d\d-\d\d$/.test(one.birth_date) && /^[A-Z]{2}$/.test(one.country);

/** Who one is, as one's papers say it. */
export function ApplicantFields({ value, onChange }: { value: Applicant; onChange: (value: Applicant) => void }): ReactNode {
  const { t, i18n } = useTranslation("kyc");
  const known = /^[A-Z]{2}$/.test(value.country) ? new Intl.DisplayNames([i18n.language], { type: "region", fallback: "none" }).of(value.country) : undefined;
  return (
    <>
      <TextField label={t("applicant.full_name")} value={value.full_name} onChange={(full_name) => { onChange({ ...value, full_name }); }} autoComplete="name" maxLength={200} isRequired />
      <TextField label={t("applicant.birth_date")} value={value.birth_date} onChange={(birth_date) => { onChange({ ...value, birth_date }); }} type="date" autoComplete="bday" isRequired />
      <TextField label={known === undefined ? t("applicant.country") : t("applicant.country_is", { name: known })} value={value.country} placeholder="SG"
        onChange={(country) => { onChange({ ...value, country: country.toUpperCase() }); }} autoComplete="country" maxLength={2} isRequired />
    </>
  );
}
