// Words that several parts of the editor say.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/kit/values";
import type { Product } from "./draft";
import type { Fault } from "./reads";

const TONES: Record<Product["status"], Tone> = { draft: "warn", published: "good", retired: "plain" };

export function Status({ of }: { of: Product }): ReactNode {
  const { t } = useTranslation("lending_products");
  return <Pill tone={TONES[of.status]}>{t(`status.${of.status}`)}</Pill>;
}

/** What is wrong with one field, in words; undefined when nothing is. */
export function useFaultAt(faults: readonly Fault[]): (field: string) => string | undefined {
  const { t, i18n } = useTranslation("lending_products");
  return (field) => {
    const found = faults.find((one) => one.field === field || one.field.startsWith(`${field}.`));
    if (found === undefined) return undefined;
    const key = `code.${found.code ?? "invalid_request"}`;
    return i18n.exists(`lending_products:${key}`) ? t("fault", { said: t(key), message: found.message }) : found.message;
  };
}
