// The ticket's draft, shared with the book (a click on a price) and the keyboard. Who only changes it is not drawn anew when it changes.

import { createContext, use, useCallback, useState, type ReactNode } from "react";
import type { Decimal } from "@/money/decimal";
import { changed, FRESH, withPrice, type Draft } from "./draft";

type Change = (how: Partial<Draft> | ((before: Draft) => Draft)) => void;

const DraftContext = createContext<Draft>(FRESH);
const ChangeContext = createContext<Change>(() => undefined);

export function TicketProvider({ children }: { children: ReactNode }): ReactNode {
  const [draft, setDraft] = useState(FRESH);
  const change = useCallback<Change>((how) => {
    setDraft((before) => (typeof how === "function" ? how(before) : changed(before, how)));
  }, []);
  return <ChangeContext value={change}><DraftContext value={draft}>{children}</DraftContext></ChangeContext>;
}

export const useDraft = (): Draft => use(DraftContext);
export const useChange = (): Change => use(ChangeContext);

export function useTakePrice(): (price: Decimal) => void {
  const change = useChange();
  return useCallback((price) => { change((before) => withPrice(before, price)); }, [change]);
}
