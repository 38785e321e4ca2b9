import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Pill, type Tone } from "@/kit/values";
import { Progress } from "../parts/values";

type Import = Schemas["ImportOut"];

const TONES: { [status in Schemas["ImportState"]]: Tone } = {
  checking: "info", checked: "good", awaiting_approval: "warn", posting: "info", done: "good", rejected: "plain",
};

export const importWorks = (job: Import): boolean => job.status === "checking" || job.status === "posting";
export const refusedRows = (job: Import): number => Object.values(job.refused).reduce((sum, count) => sum + count, 0);

export function ImportStatus({ job }: { job: Import }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <span className="row">
      <Pill tone={TONES[job.status]}>{t(`import_status.${job.status}`)}</Pill>
      {importWorks(job) && <Progress share={job.progress} label={t("runs.progress")} />}
    </span>
  );
}
