// Words that several parts of the product rooms say.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { Pill, type Tone } from "@/kit/values";
import type { Template } from "../terms";
import { fieldOf, highestIn, type Fault } from "./draft";

const TONES: Record<Template["status"], Tone> = { draft: "warn", published: "good", retired: "plain" };

export function Status({ of }: { of: Template["status"] }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  return <Pill tone={TONES[of]}>{t(`status.${of}`)}</Pill>;
}

/** What is wrong with one field, in words; undefined when nothing is. `typed`: what stands in it, for an empty one is only not filled in yet. */
export function useFaultAt(faults: readonly Fault[]): (field: string, typed?: string) => string | undefined {
  const { t, i18n } = useTranslation("earndesk_template");
  return (field, typed) => {
    const found = faults.find((one) => one.field === field || one.field.startsWith(`${field}.`));
    if (found === undefined) return undefined;
    if (typed?.trim() === "") return t("fault.empty");
    const most = fieldOf(found.field) === "tiers" ? highestIn(found.message) : null;
    if (most !== null) return t("fault.rate", { most });
    const key = `earndesk_terms:code.${found.code ?? "unread"}`;
    return i18n.exists(key) ? t("fault.said", { said: t(key), message: found.message }) : t("fault.said", { said: t("fault.unread"), message: found.message });
  };
}

/** What became of the question to a second person. */
export function Question({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const query = useQuery({
    queryKey: ["approvals", "one", id], refetchInterval: 5_000,
    queryFn: () => ask(api.GET("/v1/approvals/{id}", { params: { path: { id } } })),
  });
  return <Link to={`/approvals/${id}`}>{query.data === undefined ? t("publish.approval") : t(`approval.${query.data.state}`)}</Link>;
}
