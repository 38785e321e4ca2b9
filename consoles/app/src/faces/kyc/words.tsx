// States of cases in a word and a colour, as both sides see them.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Pill, type Tone } from "@/kit/values";

type State = Schemas["CaseState"];

const TONES: Record<State, Tone> = { draft: "plain", submitted: "info", in_review: "info", more_information: "warn", approved: "good", rejected: "bad" };

export function CasePill({ state }: { state: State }): ReactNode {
  const { t } = useTranslation("kyc");
  return <Pill tone={TONES[state]}>{t(`state.${state}`)}</Pill>;
}

/** What has to be added, in words: one of the kinds of each line will do. */
export function Missing({ missing }: { missing: readonly (readonly Schemas["DocumentKind"][])[] }): ReactNode {
  const { t, i18n } = useTranslation("kyc");
  const or = new Intl.ListFormat(i18n.language, { type: "disjunction" });
  return <ul>{missing.map((kinds) => <li key={kinds.join()}>{or.format(kinds.map((kind) => t(`document.${kind}`)))}</li>)}</ul>;
}
