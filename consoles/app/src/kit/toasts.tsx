// Short messages that pass, read aloud politely; refusals stay until they are put away. They lie above dialogs (the component library's
// "top layer"), so one can be put away while a dialog is open.

import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { useRefusalText } from "./states";

interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad" | "info";
}

interface Toaster {
  tell: (text: string, tone?: Toast["tone"]) => void;
  /** Say why something was refused. */
  refused: (error: unknown) => void;
}

const Context = createContext<Toaster | null>(null);
const SHOWN_MS = 6000;
let last = 0;

export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const textOf = useRefusalText();
  const drop = useCallback((id: number) => { setToasts((before) => before.filter((toast) => toast.id !== id)); }, []);
  const tell = useCallback((text: string, tone: Toast["tone"] = "info") => {
    const id = ++last;
    setToasts((before) => [...before.slice(-4), { id, text, tone }]);
    if (tone !== "bad") setTimeout(() => { drop(id); }, SHOWN_MS);
  }, [drop]);
  const toaster = useMemo(() => ({
    tell,
    refused: (error: unknown) => { const { code, text } = textOf(error); tell(`${text} (${code})`, "bad"); },
  }), [tell, textOf]);
  return (
    <Context value={toaster}>
      {children}
      <div className="toasts" role="status" aria-live="polite" data-react-aria-top-layer="true">
        {toasts.map((toast) => (
          <div key={toast.id} className={`toast ${toast.tone}`}>
            <span>{toast.text}</span>
            <Button kind="quiet" aria-label={t("action.dismiss")} onPress={() => { drop(toast.id); }}>✕</Button>
          </div>
        ))}
      </div>
    </Context>
  );
}

export function useToasts(): Toaster {
  const toaster = use(Context);
  if (toaster === null) throw new Error("no ToastProvider above");
  return toaster;
}
