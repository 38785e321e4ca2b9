// A choice among few, all in sight: radio buttons that look like one bar.

import { useId, type ReactNode } from "react";

interface Props<T extends string> {
  label: string;
  value: T;
  choices: readonly { id: T; text: string; shortcut?: string; tone?: "buy" | "sell" }[];
  onChange: (id: T) => void;
  small?: boolean;
}

export function Segmented<T extends string>({ label, value, choices, onChange, small = false }: Props<T>): ReactNode {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={`retail-segmented ${small ? "small" : ""}`}>
      {choices.map((choice) => (
        <label key={choice.id} className={choice.tone}>
          <input type="radio" name={name} value={choice.id} checked={choice.id === value} aria-keyshortcuts={choice.shortcut} onChange={() => { onChange(choice.id); }} />
          <span>{choice.text}{choice.shortcut !== undefined && <kbd aria-hidden="true">{choice.shortcut}</kbd>}</span>
        </label>
      ))}
    </div>
  );
}
