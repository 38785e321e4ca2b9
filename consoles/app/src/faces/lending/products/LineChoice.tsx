import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Select } from "@/kit/fields";
import { useLines } from "../funding/reads";
import { linesFor, type Draft } from "./draft";

/** The line that the loans are paid from, by its name: those that lend the product's asset. */
export function LineChoice({ draft, error, isDisabled, onChange }: { draft: Draft; error: string | undefined; isDisabled: boolean; onChange: (line: string) => void }): ReactNode {
  const { t } = useTranslation("lending_products");
  const { data: lines = [] } = useLines();
  const choices = linesFor(draft, lines).map(({ id, name, asset }) => ({ id, text: t("line_of", { name, asset }) }));
  return <Select label={t("term.line")} value={draft.line} error={error} isDisabled={isDisabled} onChange={onChange} choices={[{ id: "", text: t("line_only") }, ...choices]} />;
}
