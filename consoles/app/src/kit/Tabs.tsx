// Tabs after the ARIA pattern: one stop of the tab key, arrows move and choose. Written out because the component library's collections
// would be a tenth of the trade page's script.

import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

interface Props {
  label: string;
  tabs: readonly { id: string; title: string; body: () => ReactNode }[];
}

const steps = (key: string, at: number, count: number): number | null => {
  switch (key) {
    case "ArrowRight": return (at + 1) % count;
    case "ArrowLeft": return (at + count - 1) % count;
    case "Home": return 0;
    case "End": return count - 1;
    default: return null;
  }
};

/** Only the chosen tab is built, so a hidden one asks the server for nothing. */
export function Tabs({ label, tabs }: Props): ReactNode {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const [wanted, setWanted] = useState(tabs[0]?.id);
  const at = Math.max(tabs.findIndex((tab) => tab.id === wanted), 0);
  const chosen = tabs[at];
  const move = (event: KeyboardEvent): void => {
    const next = steps(event.key, at, tabs.length);
    if (next === null) return;
    event.preventDefault();
    setWanted(tabs[next]?.id);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  if (chosen === undefined) return null;
  const panel = `${base}-panel`;
  return (
    <div>
      <div role="tablist" aria-label={label} className="tabs-list" ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" id={`${base}-${tab.id}`} className="tab" aria-selected={tab === chosen}
            aria-controls={tab === chosen ? panel : undefined} tabIndex={tab === chosen ? 0 : -1} onClick={() => { setWanted(tab.id); }}>
            {tab.title}
          </button>
        ))}
      </div>
      <div key={chosen.id} role="tabpanel" id={panel} aria-labelledby={`${base}-${chosen.id}`} tabIndex={0} className="tab-panel">{chosen.body()}</div>
    </div>
  );
}
