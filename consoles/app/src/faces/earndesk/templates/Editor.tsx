// A product in steps. What is typed stays on the device until it is saved; what the server refuses stands at its field, on its step.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { STEPS, type StepId, type Template } from "../terms";
import { Check } from "./Check";
import { bodyOf, draftOf, standing, stepOf, type Draft, type Fault } from "./draft";
import { End } from "./End";
import { useTyping, type Typing } from "./kept";
import { faultsOf, keep, type Target } from "./reads";
import { Size } from "./Size";
import { Stepper } from "./Stepper";
import { What } from "./What";
import { When } from "./When";
import { useFaultAt } from "./words";

interface Props {
  start: Draft;
  target: Target;
  /** The draft as the server has it, once it does. */
  template?: Template;
  /** The version before, with which it is compared. */
  than?: Template | undefined;
  all: readonly Template[];
}

/** What each step is given. */
export interface StepProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  at: (field: string, typed?: string) => string | undefined;
  all: readonly Template[];
}

const IDS = STEPS.map(({ id }) => id);

export function Editor({ start, target, template, than, all }: Props): ReactNode {
  const { t } = useTranslation(["earndesk_template", "earndesk_terms"]);
  const name = target.kind === "new" ? "new" : `${target.kind}.${target.id}.${String(template?.version ?? "")}`;
  const typing = useTyping(name, start);
  const { at: place, go, box } = useStep();
  const { save, busy, error, faults } = useSave(typing, target, go);
  const at = useFaultAt(faults);
  const step = IDS[place] ?? "what";
  const given: StepProps = { draft: typing.draft, set: (part) => { typing.set({ ...typing.draft, ...part }); }, at, all };
  const submit = (event: SyntheticEvent): void => { event.preventDefault(); void save(); };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {typing.recovered && <Recovered typing={typing} />}
      <Stepper step={step} faults={faults} onStep={go} />
      <div ref={box} tabIndex={-1} className="earndesk-step">
        <Panel title={t("step_of", { n: place + 1, of: IDS.length, name: t(`earndesk_terms:step.${step}`) })}>
          <div className="stack">
            <p className="dim">{t(`about.${step}`)}</p>
            {step === "what" && <What {...given} />}
            {step === "when" && <When {...given} />}
            {step === "size" && <Size {...given} />}
            {step === "end" && <End {...given} />}
            {step === "check" && <Check {...given} template={template} than={than} dirty={typing.dirty || template === undefined} busy={busy} />}
          </div>
        </Panel>
      </div>
      {error !== null && faultsOf(error) === null && <Failed error={error} />}
      <div className="row earndesk-save">
        <Button isDisabled={place === 0} onPress={() => { go(IDS[place - 1] ?? step); }}>{t("save.back")}</Button>
        <Button isDisabled={place === IDS.length - 1} onPress={() => { go(IDS[place + 1] ?? step); }}>{t("save.forward")}</Button>
        <Button kind="primary" type="submit" busy={busy} isDisabled={!typing.dirty && template !== undefined}>{t("save.verb")}</Button>
        <span role="status" className="dim"><Told faults={faults} dirty={typing.dirty} isSaved={template !== undefined} /></span>
      </div>
    </form>
  );
}

function Told({ faults, dirty, isSaved }: { faults: readonly Fault[]; dirty: boolean; isSaved: boolean }): string {
  const { t } = useTranslation("earndesk_template");
  if (faults.length > 0) return t("save.faults", { count: faults.length });
  if (dirty) return t("save.dirty");
  return isSaved ? t("save.clean") : "";
}

function Recovered({ typing }: { typing: Typing }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  return (
    <div className={typing.stale ? "notice warn" : "notice"} role="status">
      <p>{t(typing.stale ? "kept.stale" : "kept.note")}</p>
      <Button onPress={typing.discard}>{t("kept.discard")}</Button>
    </div>
  );
}

/** The step stands in the address: it can be linked to, and going back in the browser goes back a step. Who chose a step lands in it. */
function useStep(): { at: number; go: (step: StepId) => void; box: React.RefObject<HTMLDivElement | null> } {
  const [search, setSearch] = useSearchParams();
  const box = useRef<HTMLDivElement>(null);
  const chosen = useRef(false);
  const at = Math.max(IDS.findIndex((id) => id === search.get("step")), 0);
  useEffect(() => {
    if (chosen.current) box.current?.focus();
    chosen.current = false;
  }, [at]);
  const go = (step: StepId): void => {
    chosen.current = true;
    setSearch((now) => { now.set("step", step); return now; });
  };
  return { at, go, box };
}

function useSave(typing: Typing, target: Target, go: (step: StepId) => void): { save: () => Promise<void>; busy: boolean; error: unknown; faults: readonly Fault[] } {
  const { t } = useTranslation("earndesk_template");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { tell } = useToasts();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<{ error: unknown; draft: Draft } | null>(null);
  const save = async (): Promise<void> => {
    const { draft } = typing;
    setBusy(true);
    setRefused(null);
    try {
      const kept = await keep(bodyOf(draft), target);
      typing.saved(draftOf(kept));
      await Promise.all([["earn"], ["approvals"]].map((queryKey) => client.invalidateQueries({ queryKey })));
      tell(t("save.done"), "good");
      if (target.kind === "draft") go("check");
      else await navigate(`/fixed-income/templates/${kept.id}?version=${String(kept.version)}&step=check`);
    } catch (error) {
      setRefused({ error, draft });
      const first = faultsOf(error)?.map(({ field }) => stepOf(field)).toSorted((a, b) => IDS.indexOf(a) - IDS.indexOf(b))[0];
      if (first !== undefined) go(first);
    }
    setBusy(false);
  };
  const faults = refused === null ? [] : standing(faultsOf(refused.error) ?? [], refused.draft, typing.draft);
  return { save, busy, error: refused?.error ?? null, faults };
}
