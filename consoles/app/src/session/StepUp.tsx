// What is dangerous may be refused until one proves oneself again: this asks for the proof and then does it.

import { useCallback, useRef, useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Refusal } from "@/api/problem";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { proofOf } from "./session";

interface Question {
  byCode: boolean;
  byPasskey: boolean;
  settle: (proven: boolean) => void;
}

/**
 * `proven(deed)` does a deed, after a proof if the server wants one; `question` must stand somewhere on the page.
 * A person who does not want to prove anything gets the refusal.
 */
export function useStepUp(): { proven: <T>(deed: () => Promise<T>) => Promise<T>; question: ReactNode } {
  useTranslation("account"); // here, so that the texts are there when the question comes
  const [question, setQuestion] = useState<Question | null>(null);
  const proven = useCallback(async <T,>(deed: () => Promise<T>): Promise<T> => {
    try {
      return await deed();
    } catch (refused) {
      if (!(refused instanceof Refusal) || refused.code !== "step_up_required") throw refused;
      const methods = refused.problem.methods;
      const byCode = Array.isArray(methods) && methods.includes("recovery_code");
      const byPasskey = Array.isArray(methods) && methods.includes("passkey");
      const answered = await new Promise<boolean>((settle) => { setQuestion({ byCode, byPasskey, settle }); });
      setQuestion(null);
      if (!answered) throw refused;
      return await deed(); // it was refused before it began, so this is its first time
    }
  }, []);
  return { proven, question: question === null ? null : <Ask {...question} /> };
}

function Ask({ byCode, byPasskey, settle }: Question): ReactNode {
  const { t } = useTranslation("account");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const settled = useRef(false);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    event.stopPropagation(); // a dialog over a form is still inside it for React
    void prove(() => ask(api.POST("/v1/step-up", { body: byCode ? proofOf(text) : { password: text } })));
  };
  const prove = async (show: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await show();
      settled.current = true;
      settle(true);
    } catch (refused) {
      setError(refused);
      setText("");
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("step_up.title")} isOpen onClose={() => { if (!settled.current) settle(false); }} busy={busy}>
      <form className="stack" onSubmit={submit}>
        <p>{t(byCode ? "step_up.by_code" : "step_up.by_password")}</p>
        {byCode
          ? <TextField label={t("step_up.code")} value={text} onChange={setText} autoComplete="one-time-code" maxLength={32} isRequired autoFocus />
          : <TextField label={t("step_up.password")} value={text} onChange={setText} type="password" autoComplete="current-password" maxLength={256} isRequired autoFocus />}
        {error !== null && <Failed error={error} />}
        <div className="row">
          <Button kind="primary" type="submit" busy={busy}>{t("step_up.prove")}</Button>
          {byPasskey && <Button isDisabled={busy} onPress={() => void prove(async () => { await (await import("./passkey")).stepUp(); })}>{t("step_up.by_passkey")}</Button>}
        </div>
      </form>
    </Dialog>
  );
}
