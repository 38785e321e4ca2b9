import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { STEPS, type StepId } from "../terms";
import { stepOf, type Fault } from "./draft";

/** The steps, each with what is wrong on it; any of them can be gone to at any time. */
export function Stepper({ step, faults, onStep }: { step: StepId; faults: readonly Fault[]; onStep: (step: StepId) => void }): ReactNode {
  const { t } = useTranslation(["earndesk_template", "earndesk_terms"]);
  return (
    <nav aria-label={t("steps")}>
      <ol className="earndesk-steps">
        {STEPS.map(({ id }, place) => {
          const wrong = faults.filter(({ field }) => stepOf(field) === id).length;
          return (
            <li key={id}>
              <button type="button" className={wrong > 0 ? "wrong" : undefined} aria-current={id === step ? "step" : undefined} onClick={() => { onStep(id); }}>
                <b aria-hidden="true">{wrong > 0 ? "!" : place + 1}</b>
                <span>{t(`earndesk_terms:step.${id}`)}{wrong > 0 && <small>{t("save.faults", { count: wrong })}</small>}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
